// traffic throughput|requests|connections SERVER CLIENT ADDRESS COUNT FIRST: in the namespace SERVER it listens, from the namespace CLIENT it goes to ADDRESS,
// and prints how many of these there were per second: bytes of a stream of COUNT milliseconds, whose other end is a process of its own; requests of one byte
// and their answers, COUNT of them, on one connection; connections with a request and an answer each, COUNT of them, one after the other, from port FIRST and up.
// In the last two both ends are one thread, which the kernel's work on each packet runs in as well: no scheduler comes between, little else is measured, and a
// second is one of the thread's own, so that it does not matter what else the machine does.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 5201, BLOCK = 128 * 1024 };

static void fail(const char *what) {
  fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int check(int result, const char *what) {
  if (result < 0) fail(what);
  return result;
}

static void enter(const char *path) {
  int file = check(open(path, O_RDONLY | O_CLOEXEC), path);
  check(setns(file, CLONE_NEWNET), path);
  close(file);
}

static double now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

/* An address of either family, with a port. */
typedef struct {
  socklen_t size;
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  };
} Name;

static Name at(const char *address, int port) {
  Name name = {0};
  if (inet_pton(AF_INET, address, &name.v4.sin_addr) == 1) {
    name.size = sizeof name.v4, name.v4.sin_family = AF_INET, name.v4.sin_port = htons(port);
  } else {
    if (inet_pton(AF_INET6, address, &name.v6.sin6_addr) != 1) fail(address);
    name.size = sizeof name.v6, name.v6.sin6_family = AF_INET6, name.v6.sin6_port = htons(port);
  }
  return name;
}

static int bound(const Name *name) {
  // What is lost must not hang: the kernel would try again after a second.
  struct timeval patience = {.tv_usec = 900000};
  int yes = 1, file = check(socket(name->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  // Linux's default: a machine may have one that paces what it sends by what it guesses.
  setsockopt(file, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5);
  check(bind(file, &name->any, name->size), "bind");
  return file;
}

static int connected(const Name *from, const Name *to) {
  int file = bound(from);
  check(connect(file, &to->any, to->size), "connect");
  return file;
}

static int accepted(int server) { return check(accept4(server, NULL, NULL, SOCK_CLOEXEC), "accept"); }

static void say(int from, int to) {
  char byte = 1;
  if (send(from, &byte, 1, MSG_NOSIGNAL) != 1) fail("send");
  if (recv(to, &byte, 1, 0) != 1) fail("recv");
}

static char block[BLOCK];

static void swallow(int server) {
  int file = accepted(server);
  while (check(recv(file, block, BLOCK, 0), "recv") > 0)
    ;
  exit(0);
}

static double stream(int server, const Name *from, const Name *to, int milliseconds) {
  if (check(fork(), "fork") == 0) swallow(server);
  close(server);
  int client = connected(from, to);
  double start = now(CLOCK_MONOTONIC), end = start + milliseconds / 1e3, bytes = 0;
  while (now(CLOCK_MONOTONIC) < end) bytes += check(send(client, block, BLOCK, MSG_NOSIGNAL), "send");
  // All has arrived when the other end has closed its own.
  check(shutdown(client, SHUT_WR), "shutdown");
  check(recv(client, block, 1, 0), "recv");
  return bytes / (now(CLOCK_MONOTONIC) - start);
}

static double requests(int server, const Name *from, const Name *to, int count) {
  int client = connected(from, to), other = accepted(server);
  say(client, other), say(other, client);
  double start = now(CLOCK_THREAD_CPUTIME_ID);
  for (int i = 0; i < count; i++) say(client, other), say(other, client);
  return count / (now(CLOCK_THREAD_CPUTIME_ID) - start);
}

static double connections(int server, const Name *from, const Name *to, int count) {
  // Ended by a reset: nothing waits for a minute that nobody sends any more.
  struct linger reset = {.l_onoff = 1};
  Name each = *from;
  int first = ntohs(from->v4.sin_port);
  double start = now(CLOCK_THREAD_CPUTIME_ID);
  for (int i = 0; i < count; i++) {
    each.v4.sin_port = htons(first + i);
    int client = connected(&each, to), other = accepted(server);
    say(client, other), say(other, client);
    setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(client);
    close(other);
  }
  return count / (now(CLOCK_THREAD_CPUTIME_ID) - start);
}

int main(int argc, char **argv) {
  if (argc != 7) return 2;
  const char *any = strchr(argv[4], ':') != NULL ? "::" : "0.0.0.0";
  int count = atoi(argv[5]);
  Name here = at(any, PORT), from = at(any, atoi(argv[6])), to = at(argv[4], PORT);
  enter(argv[2]);
  int server = bound(&here);
  check(listen(server, 16), "listen");
  enter(argv[3]);
  double perSecond = *argv[1] == 't'   ? stream(server, &from, &to, count)
                     : *argv[1] == 'r' ? requests(server, &from, &to, count)
                                       : connections(server, &from, &to, count);
  printf("%.1f\n", perSecond);
}
