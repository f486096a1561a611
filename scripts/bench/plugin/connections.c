// connections tcp|udp POD PORT OUTSIDE ADDRESS HOSTPORT COUNT FIRST: in the namespace POD it listens at PORT; from the namespace OUTSIDE it makes COUNT
// connections to ADDRESS and HOSTPORT, one after the other, each from a port of its own, FIRST and up; prints how many there were per second.
// Both ends are one thread, which the kernel's work on each packet runs in as well: no scheduler comes between, and little else is measured.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
  fprintf(stderr, "connections: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void enter(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || setns(file, CLONE_NEWNET) != 0) fail(path);
  close(file);
}

static struct sockaddr_in at(const char *address, int port) {
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (inet_pton(AF_INET, address, &name.sin_addr) != 1) fail(address);
  return name;
}

static int bound(int type, struct sockaddr_in name) {
  // What is lost must not hang: the kernel would try again after a second.
  struct timeval patience = {.tv_usec = 900000};
  int yes = 1, file = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  if (file < 0) fail("socket");
  setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (bind(file, (struct sockaddr *)&name, sizeof name) != 0) fail("bind");
  return file;
}

static void hear(int server, int type) {
  char byte;
  if (type == SOCK_DGRAM) {
    if (recv(server, &byte, 1, 0) != 1) fail("recv");
    return;
  }
  int connection = accept4(server, NULL, NULL, SOCK_CLOEXEC);
  if (connection < 0) fail("accept");
  close(connection);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 9) return 2;
  int type = strcmp(argv[1], "udp") == 0 ? SOCK_DGRAM : SOCK_STREAM, count = atoi(argv[7]), first = atoi(argv[8]);
  // Ended by a reset: nothing waits for a minute that nobody sends any more.
  struct linger reset = {.l_onoff = 1};
  enter(argv[2]);
  int server = bound(type, at("0.0.0.0", atoi(argv[3])));
  if (type == SOCK_STREAM && listen(server, 16) != 0) fail("listen");
  enter(argv[4]);
  struct sockaddr_in to = at(argv[5], atoi(argv[6]));
  double start = now();
  for (int i = 0; i < count; i++) {
    int client = bound(type, at("0.0.0.0", first + i));
    if (connect(client, (struct sockaddr *)&to, sizeof to) != 0) fail("connect");
    if (type == SOCK_DGRAM && send(client, "", 1, 0) != 1) fail("send");
    setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (type == SOCK_STREAM) close(client);
    hear(server, type);
    if (type == SOCK_DGRAM) close(client);
  }
  printf("%.1f\n", count / (now() - start));
}
