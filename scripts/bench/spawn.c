// spawn COUNT STDIN COMMAND…: runs the command COUNT times at once, each with its number for every {} in the environment, and prints one line:
// milliseconds until the last has ended, the largest resident set in KiB, and how many failed. Whatever is measured is started in this one way.
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static char *numbered(const char *variable, int number) {
  const char *mark = strstr(variable, "{}");
  char *text = NULL;
  if (mark == NULL) return strdup(variable);
  if (asprintf(&text, "%.*s%d%s", (int)(mark - variable), variable, number, mark + 2) < 0) exit(2);
  return text;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int count = atoi(argv[1]), failed = 0, variables = 0;
  while (environ[variables] != NULL) variables++;
  char ***environments = calloc(count, sizeof *environments);
  for (int i = 0; i < count; i++) {
    environments[i] = calloc(variables + 1, sizeof **environments);
    for (int j = 0; j < variables; j++) environments[i][j] = numbered(environ[j], i);
  }
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, argv[2], O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  double start = now();
  for (int i = 0; i < count; i++) {
    pid_t pid;
    if (posix_spawn(&pid, argv[3], &files, NULL, argv + 3, environments[i]) != 0) return 2;
  }
  long largest = 0;
  for (int i = 0; i < count; i++) {
    int status;
    struct rusage usage;
    if (wait3(&status, 0, &usage) < 0) return 2;
    if (status != 0) failed++;
    if (usage.ru_maxrss > largest) largest = usage.ru_maxrss;
  }
  printf("%.3f %ld %d\n", now() - start, largest, failed);
}
