// Runs before Node.js's main. What a runtime's environment says to Node.js, libuv or OpenSSL is not meant for a CNI plugin, and some of it
// is read before any JavaScript runs: a broken OPENSSL_CONF or NODE_CHANNEL_FD would fail every pod.
#include <stdlib.h>
#include <string.h>

static const char *const prefixes[] = {"NODE_", "OPENSSL_", "SSL_", "UV_"};

static int is_for_node(const char *variable) {
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0) return 1;
  return 0;
}

// Without CNI_COMMAND it is the agent or a person, whose NODE_EXTRA_CA_CERTS or NODE_NAME is meant.
__attribute__((constructor)) static void clean(int argc, char **argv, char **environment) {
  if (getenv("CNI_COMMAND") == NULL) return;
  char **kept = environment;
  for (char **variable = environment; *variable != NULL; variable++)
    if (!is_for_node(*variable)) *kept++ = *variable;
  *kept = NULL;
}
