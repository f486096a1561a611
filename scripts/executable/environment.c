// Runs before Node.js's main. What a runtime's environment says to Node.js, libuv or OpenSSL is not meant for a CNI plugin, and some of it
// is read before any JavaScript runs: a broken OPENSSL_CONF or NODE_CHANNEL_FD would fail every pod.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const prefixes[] = {"NODE_", "OPENSSL_", "SSL_", "UV_"};

static int is_for_node(const char *variable) {
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0) return 1;
  return 0;
}

// Node.js puts /dev/null in the place of a closed stream, where the result of an ADD would vanish and count as told.
static void fail_writing_to_closed(int stream) {
  if (fcntl(stream, F_GETFD) != -1) return;
  const int full = open("/dev/full", O_WRONLY);
  if (full == -1 || full == stream) return;
  dup2(full, stream);
  close(full);
}

// Without CNI_COMMAND it is the agent or a person, whose NODE_EXTRA_CA_CERTS or NODE_NAME is meant.
__attribute__((constructor)) static void clean(int argc, char **argv, char **environment) {
  if (getenv("CNI_COMMAND") == NULL) return;
  fail_writing_to_closed(STDOUT_FILENO);
  char **kept = environment;
  for (char **variable = environment; *variable != NULL; variable++)
    if (!is_for_node(*variable)) *kept++ = *variable;
  *kept = NULL;
}
