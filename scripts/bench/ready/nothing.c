// As install it does nothing, as agent it writes a conflist and waits: what a node's way to Ready takes without podwire.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "/etc/cni/net.d/10-podwire.conflist"
// containerd asks no plugin of this version for its STATUS.
static const char conflist[] = "{ \"cniVersion\": \"1.0.0\", \"name\": \"nothing\", \"plugins\": [{ \"type\": \"loopback\" }] }";

int main(int argc, char **argv) {
  if (argc < 2 || strcmp(argv[1], "agent") != 0) return 0;
  const int file = open(FILE_NAME ".new", O_CREAT | O_WRONLY, 0644);
  if (file == -1 || write(file, conflist, sizeof conflist - 1) == -1 || close(file) == -1) return 1;
  if (rename(FILE_NAME ".new", FILE_NAME) == -1) return 1;
  pause();
  return 0;
}
