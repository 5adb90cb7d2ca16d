/* with_server.c - run a command while the server of the demo stands; it finds the
 * address in $SERVER. usage: with_server COMMAND... SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "../../docs/examples/demo/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(char **command)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return 1;
    return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
    server s;
    char base[64];
    if (argc < 2 || !server_start(&s))
        return 1;
    snprintf(base, sizeof base, "http://127.0.0.1:%d", s.port);
    setenv("SERVER", base, 1);
    int status = run(argv + 1);
    return server_stop(&s) ? status : 1;
}
