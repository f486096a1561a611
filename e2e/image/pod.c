// What the pods of the end-to-end tests run: nothing, or with PORT NAME a TCP server, IPv4 and IPv6, that says NAME to whoever connects.
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void leave(int number) { _exit(0); }

int main(int count, char **arguments) {
  signal(SIGTERM, leave);
  signal(SIGINT, leave);
  signal(SIGCHLD, SIG_IGN);
  if (count < 3) for (;;) pause();
  struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(atoi(arguments[1])) };
  int one = 1, listener = socket(AF_INET6, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&any, sizeof any) || listen(listener, 16)) return 1;
  for (;;) {
    int connection = accept(listener, 0, 0);
    if (connection < 0) return 2;
    write(connection, arguments[2], strlen(arguments[2]));
    write(connection, "\n", 1);
    close(connection);
  }
}
