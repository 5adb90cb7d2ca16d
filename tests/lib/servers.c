/* servers.c - starting and stopping nginx and httpbin.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/servers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void server_pause(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

/* --- ports ----------------------------------------------------------------------- */

static struct sockaddr_in server_address(unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}

unsigned server_free_port(void)
{
    struct sockaddr_in at = server_address(0);
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && !bind(fd, (struct sockaddr *)&at, len) &&
              !getsockname(fd, (struct sockaddr *)&at, &len);
    close(fd);
    return ok ? ntohs(at.sin_port) : 0;
}

static bool server_listens(unsigned port)
{
    struct sockaddr_in at = server_address(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && !connect(fd, (struct sockaddr *)&at, sizeof at);
    close(fd);
    return ok;
}

/* --- files ----------------------------------------------------------------------- */

static void server_path(const server *s, const char *path, char out[160])
{
    snprintf(out, 160, "%s/%s", s->dir, path);
}

bool server_put_file(const server *s, const char *path, const void *ptr, size_t len)
{
    char name[160];
    server_path(s, path, name);
    FILE *f = fopen(name, "wb");
    if (!f)
        return false;
    bool ok = ptr ? fwrite(ptr, 1, len, f) == len : !ftruncate(fileno(f), (off_t)len);
    return !fclose(f) && ok;
}

static bool server_make_dir(server *s)
{
    char www[160];
    snprintf(s->dir, sizeof s->dir, "/tmp/ferry-live-XXXXXX");
    if (!mkdtemp(s->dir))
        return false;
    server_path(s, "www", www);
    return !mkdir(www, 0700);
}

static int server_remove_one(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void server_remove_dir(const server *s)
{
    nftw(s->dir, server_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Copy the file, with each "@NAME@" replaced by its value. */
static bool server_fill_in(const server *s, const char *from, const char *to,
    const char *const (*values)[2], size_t n)
{
    char name[160], line[512];
    server_path(s, to, name);
    FILE *in = fopen(from, "r"), *out = fopen(name, "w");
    while (in && out && fgets(line, sizeof line, in)) {
        for (char *p = line; *p;) {
            size_t i = 0;
            while (i < n && strncmp(p, values[i][0], strlen(values[i][0])))
                i++;
            if (i < n)
                fputs(values[i][1], out);
            else
                fputc(*p, out);
            p += i < n ? strlen(values[i][0]) : 1;
        }
    }
    bool ok = in && out && !ferror(in);
    if (in)
        fclose(in);
    if (out)
        ok &= !fclose(out);
    return ok;
}

/* --- children -------------------------------------------------------------------- */

/* Never returns. What the server says goes to a file, and it dies with the test. */
static void server_become(const server *s, const char *const *argv, pid_t parent)
{
    char log[160];
    server_path(s, "log", log);
    int fd = open(log, O_CREAT | O_WRONLY | O_APPEND, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    prctl(PR_SET_PDEATHSIG, s->stop_signal);
    if (getppid() == parent)
        execv(argv[0], (char *const *)argv);
    fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static void server_print_log(const server *s)
{
    char name[160], line[512];
    server_path(s, "log", name);
    FILE *f = fopen(name, "r");
    while (f && fgets(line, sizeof line, f))
        fprintf(stderr, "    %s", line);
    if (f)
        fclose(f);
}

static bool server_has_ended(server *s, int options)
{
    if (s->pid > 0 && waitpid(s->pid, NULL, options) == s->pid)
        s->pid = 0;
    return s->pid <= 0;
}

/* Run it until it takes connections at that port. */
static int server_run(server *s, const char *const *argv, unsigned port)
{
    enum { TRIES = 750 }; /* 15 s */
    pid_t parent = getpid();
    if (access(argv[0], X_OK)) {
        fprintf(stderr, "%s cannot be tested: there is no %s\n", s->name, argv[0]);
        return -1;
    }
    s->pid = fork();
    if (s->pid == 0)
        server_become(s, argv, parent);
    for (int i = 0; i < TRIES && !server_has_ended(s, WNOHANG); i++) {
        if (server_listens(port))
            return 0;
        server_pause();
    }
    fprintf(stderr, "%s does not start; it says:\n", s->name);
    server_print_log(s);
    return -1;
}

int server_stop(server *s)
{
    bool was_running = !server_has_ended(s, WNOHANG), obeyed = false;
    if (was_running)
        kill(s->pid, s->stop_signal);
    for (int i = 0; i < 250 && !(obeyed = server_has_ended(s, WNOHANG)); i++)
        server_pause();
    if (!obeyed) {
        kill(s->pid, SIGKILL);
        server_has_ended(s, 0);
    }
    server_remove_dir(s);
    if (was_running && obeyed)
        return 0;
    fprintf(stderr, "%s %s\n", s->name, was_running ? "does not end" : "had died");
    return -1;
}

/* --- which ----------------------------------------------------------------------- */

static int server_end_start(server *s, int outcome)
{
    if (outcome)
        server_stop(s);
    return outcome;
}

static bool server_fill_nothing(const server *s)
{
    (void)s;
    return true;
}

static int server_start_nginx_as(
    server *s, const char *model, const char *scheme, server_fill *fill)
{
    *s = (server){.name = "nginx", .stop_signal = SIGTERM};
    unsigned port = server_free_port(), port2 = server_free_port();
    char ports[2][8], config[160];
    snprintf(ports[0], sizeof ports[0], "%u", port);
    snprintf(ports[1], sizeof ports[1], "%u", port2);
    snprintf(s->url, sizeof s->url, "%s://127.0.0.1:%u", scheme, port);
    snprintf(s->hasty, sizeof s->hasty, "%s://127.0.0.1:%u", scheme, port2);

    const char *const values[][2] = {
        {"@DIR@", s->dir}, {"@PORT@", ports[0]}, {"@PORT2@", ports[1]}};
    if (!server_make_dir(s) || !fill(s) ||
        !server_fill_in(s, model, "nginx.conf", values, 3)) {
        fprintf(stderr, "nginx: cannot write %s/nginx.conf\n", s->dir);
        return server_end_start(s, -1);
    }
    server_path(s, "nginx.conf", config);
    const char *const argv[] = {
        "/usr/sbin/nginx", "-p", s->dir, "-c", config, "-e", "stderr", NULL};
    return server_end_start(s, server_run(s, argv, port));
}

int server_start_nginx(server *s)
{
    return server_start_nginx_as(
        s, "tests/live/nginx.conf", "http", server_fill_nothing);
}

int server_start_nginx_tls(server *s, server_fill *fill)
{
    return server_start_nginx_as(s, "tests/live/nginx_tls.conf", "https", fill);
}

int server_start_openssl(server *s, server_fill *fill, const char *const *options)
{
    enum { MOST = 20 };
    *s = (server){.name = "openssl s_server", .stop_signal = SIGKILL};
    unsigned port = server_free_port();
    char at[32], cert[160], key[160];
    snprintf(at, sizeof at, "127.0.0.1:%u", port);
    snprintf(s->url, sizeof s->url, "https://%s", at);
    if (!server_make_dir(s) || !fill(s)) {
        fprintf(stderr, "openssl: no folder for it\n");
        return -1;
    }
    server_path(s, "own.pem", cert);
    server_path(s, "own.key", key);
    const char *argv[MOST] = {"/usr/bin/openssl", "s_server", "-accept", at, "-cert",
        cert, "-key", key, "-www", "-quiet"};
    for (int n = 10; *options && n < MOST - 1; n++)
        argv[n] = *options++;
    return server_end_start(s, server_run(s, argv, port));
}

int server_start_httpbin(server *s)
{
    /* gunicorn ends at once on SIGQUIT; SIGTERM waits for idle connections. */
    *s = (server){.name = "httpbin", .stop_signal = SIGQUIT};
    unsigned port = server_free_port();
    char bind_to[32];
    snprintf(bind_to, sizeof bind_to, "127.0.0.1:%u", port);
    snprintf(s->url, sizeof s->url, "http://%s", bind_to);
    if (!server_make_dir(s)) {
        fprintf(stderr, "httpbin: no folder for it\n");
        return -1;
    }
    const char *const argv[] = {"/usr/bin/python3", "-m", "gunicorn", "--bind", bind_to,
        "--chdir", s->dir, "--worker-tmp-dir", s->dir, "--worker-class", "gthread",
        "--threads", "8", "--keep-alive", "5", "--log-level", "warning", "httpbin:app",
        NULL};
    return server_end_start(s, server_run(s, argv, port));
}
