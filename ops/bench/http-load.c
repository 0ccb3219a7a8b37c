// Sends HTTP requests over keep-alive connections, each waiting for its answer, and prints what came of them as one JSON object.
//
//   http-load --port N --path PATH [--connections N] [--seconds S] [--requests N] [--pause MS] [--bytes N] [--header 'name: value']...
//             [--secret TEXT [--spoil]]
//
// Every body is a JSON object of its own of `--bytes` bytes. With --secret it is signed as GitHub signs deliveries and has a delivery
// id of its own; --spoil falsifies the signature and nothing else. --pause waits between an answer and the next request of a connection.
// Times are from the write of a request to the read of its whole answer. 127.0.0.1 only.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 1024, MAX_ANSWER = 1 << 16, MAX_BODY = 1 << 20, MAX_SAMPLES = 4 << 20 };

struct connection {
    int socket;
    double sent;
    size_t length;
    char answer[MAX_ANSWER];
};

static struct {
    int port, connections, bytes;
    double seconds, pause;
    long requests;
    const char *path, *secret;
    bool spoil;
    char headers[8192];
} options = {.connections = 1, .bytes = 1024, .seconds = 3600, .requests = 1L << 40, .path = "/"};

static struct connection *connections;
static uint32_t *samples;
static long sent_count, answered_count, accepted_count;
static int first_other_status;
static EVP_MAC_CTX *mac;
static uint64_t run_id;

static void fail(const char *what) {
    fprintf(stderr, "http-load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void prepare_signing(void) {
    if (!options.secret) return;
    OSSL_PARAM digest[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0), OSSL_PARAM_construct_end()};
    mac = EVP_MAC_CTX_new(EVP_MAC_fetch(NULL, "HMAC", NULL));
    if (!mac || !EVP_MAC_init(mac, (const unsigned char *)options.secret, strlen(options.secret), digest)) fail("no HMAC");
}

static int sign(char *out, const char *body, size_t length) {
    unsigned char code[32];
    size_t size = 0;
    // Without a key the context keeps the one it has.
    EVP_MAC_init(mac, NULL, 0, NULL);
    EVP_MAC_update(mac, (const unsigned char *)body, length);
    EVP_MAC_final(mac, code, &size, sizeof code);
    if (options.spoil) code[0] ^= 1;
    int written = sprintf(out, "x-github-event: issues\r\nx-github-delivery: %016lx-%ld\r\nx-hub-signature-256: sha256=", run_id, sent_count);
    for (size_t i = 0; i < size; i++) written += sprintf(out + written, "%02x", code[i]);
    return written + sprintf(out + written, "\r\n");
}

static size_t make_body(char *body) {
    int head = sprintf(body, "{\"action\":\"opened\",\"run\":\"%016lx\",\"number\":%ld,\"text\":\"", run_id, sent_count);
    int padding = options.bytes - head - 2;
    if (padding < 0) padding = 0;
    for (int i = 0; i < padding; i++) body[head + i] = (char)('a' + (i * 7 + sent_count) % 26);
    memcpy(body + head + padding, "\"}", 2);
    return (size_t)(head + padding + 2);
}

static void send_request(struct connection *connection) {
    static char request[MAX_BODY + 16384], body[MAX_BODY + 256], signature[256];
    size_t length = make_body(body);
    signature[0] = 0;
    if (options.secret) sign(signature, body, length);
    int head = snprintf(
        request, 16384, "POST %s HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n%s%s\r\n", options.path,
        options.port, length, options.headers, signature);
    memcpy(request + head, body, length);
    connection->length = 0;
    connection->sent = now();
    sent_count++;
    if (write(connection->socket, request, (size_t)head + length) != head + (ssize_t)length) fail("a request was not written whole");
}

static void open_connection(struct connection *connection, int poller) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1;
    connection->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection->socket, (struct sockaddr *)&address, sizeof address) != 0) fail("cannot connect");
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, connection->socket, &event) != 0) fail("epoll_ctl");
}

// Whether the answer is there whole; counts it if so.
static bool take_answer(struct connection *connection) {
    ssize_t got = read(connection->socket, connection->answer + connection->length, MAX_ANSWER - 1 - connection->length);
    if (got <= 0) fail("the server closed a connection");
    connection->length += (size_t)got;
    connection->answer[connection->length] = 0;
    char *end = strstr(connection->answer, "\r\n\r\n");
    if (!end) return false;
    char *field = strcasestr(connection->answer, "\r\ncontent-length:");
    size_t body = field && field < end ? strtoul(field + 17, NULL, 10) : 0;
    if (connection->length < (size_t)(end + 4 - connection->answer) + body) return false;
    int status = atoi(connection->answer + 9);
    if (status >= 200 && status < 300) {
        accepted_count++;
    } else if (!first_other_status) {
        first_other_status = status;
    }
    if (answered_count < MAX_SAMPLES) samples[answered_count] = (uint32_t)((now() - connection->sent) * 1e6);
    answered_count++;
    return true;
}

static double drive(int poller) {
    double begun = now(), end = begun + options.seconds;
    long busy = 0;
    for (; busy < options.connections; busy++) send_request(&connections[busy]);
    while (busy > 0) {
        struct epoll_event events[64];
        int count = epoll_wait(poller, events, 64, 30000);
        if (count <= 0) fail("no answer within 30 seconds");
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            if (!take_answer(connection)) continue;
            if (options.pause > 0) usleep((useconds_t)(options.pause * 1000));
            if (now() < end && sent_count < options.requests) {
                send_request(connection);
            } else {
                busy--;
            }
        }
    }
    return now() - begun;
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double percentile(double share) {
    long count = answered_count < MAX_SAMPLES ? answered_count : MAX_SAMPLES;
    return count ? samples[(long)(share * (double)(count - 1))] / 1000.0 : 0;
}

static void read_options(int count, char **words) {
    for (int i = 1; i < count; i++) {
        const char *word = words[i];
        if (!strcmp(word, "--spoil")) {
            options.spoil = true;
            continue;
        }
        const char *value = i + 1 < count ? words[++i] : "";
        if (!strcmp(word, "--port")) options.port = atoi(value);
        else if (!strcmp(word, "--path")) options.path = value;
        else if (!strcmp(word, "--connections")) options.connections = atoi(value);
        else if (!strcmp(word, "--seconds")) options.seconds = atof(value);
        else if (!strcmp(word, "--requests")) options.requests = atol(value);
        else if (!strcmp(word, "--pause")) options.pause = atof(value);
        else if (!strcmp(word, "--bytes")) options.bytes = atoi(value);
        else if (!strcmp(word, "--secret")) options.secret = value;
        else if (!strcmp(word, "--header")) {
            size_t used = strlen(options.headers);
            snprintf(options.headers + used, sizeof options.headers - used, "%s\r\n", value);
        } else {
            fprintf(stderr, "http-load: unknown option %s\n", word);
            exit(2);
        }
    }
    if (options.connections < 1 || options.connections > MAX_CONNECTIONS || options.bytes > MAX_BODY) exit(2);
}

int main(int count, char **words) {
    read_options(count, words);
    if (getrandom(&run_id, sizeof run_id, 0) != sizeof run_id) fail("getrandom");
    prepare_signing();
    connections = calloc((size_t)options.connections, sizeof *connections);
    samples = malloc(MAX_SAMPLES * sizeof *samples);
    int poller = epoll_create1(0);
    for (int i = 0; i < options.connections; i++) open_connection(&connections[i], poller);
    double seconds = drive(poller);
    qsort(samples, (size_t)(answered_count < MAX_SAMPLES ? answered_count : MAX_SAMPLES), sizeof *samples, ascending);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    printf(
        "{\"answered\": %ld, \"accepted\": %ld, \"otherStatus\": %d, \"seconds\": %.6f, \"p50\": %.3f, \"p99\": %.3f, \"cpuSeconds\": %.3f}\n",
        answered_count, accepted_count, first_other_status, seconds, percentile(0.5), percentile(0.99), cpu);
    return 0;
}
