// What of OpenSSL is macros or callbacks, as functions.
#pragma once
#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>

// A server's context: TLS 1.2 and later, the chain and key of two PEM files. `alpn` is in wire form (length, name ..);
// a client that offers names without a common one is refused. NULL with a message in `error`.
SSL_CTX *lbx_tls_server(const char *certificate, const char *key, const uint8_t *alpn, unsigned alpn_bytes, char *error, int error_bytes);

// A client's connection on a blocking descriptor, its handshake done. With `verify` the server's certificate must come from
// `roots` (a PEM file; NULL: the system's) and name `host`. NULL with a message in `error`.
SSL *lbx_tls_connect(int descriptor, const char *host, int verify, const char *roots, char *error, int error_bytes);

// A client's context for tests: no verification.
SSL_CTX *lbx_tls_client(void);
void lbx_tls_set_alpn(SSL *ssl, const uint8_t *alpn, unsigned alpn_bytes);

// RFC 5929 tls-server-end-point: the hash of the server's certificate, at most 64 bytes. Returns its length, 0 for none.
unsigned lbx_tls_end_point(SSL_CTX *context, uint8_t *hash);

// Writes a new self-signed certificate (P-256, SHA-256) and its key, mode 0600. 0 on success.
int lbx_tls_self_signed(const char *common_name, int days, const char *certificate, const char *key);

// The newest error of the queue as text; empties the queue.
void lbx_tls_error(char *error, int error_bytes);

int lbx_sha256(const uint8_t *bytes, size_t count, uint8_t digest[32]);
int lbx_hmac_sha256(const uint8_t *key, size_t key_count, const uint8_t *bytes, size_t count, uint8_t digest[32]);
int lbx_pbkdf2_sha256(const uint8_t *password, size_t count, const uint8_t *salt, size_t salt_count, int iterations, uint8_t digest[32]);
