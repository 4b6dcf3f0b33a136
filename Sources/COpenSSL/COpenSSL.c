#include "COpenSSL.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    unsigned count;
    uint8_t names[];
} alpn_names;

static int alpn_slot(void) {
    static int slot = -1;
    if (slot < 0) slot = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    return slot;
}

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_count, const unsigned char *in, unsigned in_count, void *context) {
    (void)ssl;
    const alpn_names *names = context;
    int found = SSL_select_next_proto((unsigned char **)out, out_count, names->names, names->count, in, in_count);
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void lbx_tls_error(char *error, int error_bytes) {
    unsigned long code = ERR_peek_last_error();
    if (code) ERR_error_string_n(code, error, (size_t)error_bytes);
    else snprintf(error, (size_t)error_bytes, "no reason given");
    ERR_clear_error();
}

SSL_CTX *lbx_tls_server(const char *certificate, const char *key, const uint8_t *alpn, unsigned alpn_bytes, char *error, int error_bytes) {
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context) return lbx_tls_error(error, error_bytes), NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 || SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1
        || SSL_CTX_check_private_key(context) != 1) {
        lbx_tls_error(error, error_bytes);
        SSL_CTX_free(context);
        return NULL;
    }
    if (alpn_bytes) {
        // Lives as long as the process's context; contexts are made once a listener.
        alpn_names *names = OPENSSL_malloc(sizeof *names + alpn_bytes);
        names->count = alpn_bytes;
        memcpy(names->names, alpn, alpn_bytes);
        SSL_CTX_set_ex_data(context, alpn_slot(), names);
        SSL_CTX_set_alpn_select_cb(context, choose_alpn, names);
    }
    return context;
}

SSL_CTX *lbx_tls_client(void) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context) SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    return context;
}

static SSL *lbx_tls_started(SSL_CTX *context, int descriptor, const char *host, int verify) {
    static const uint8_t name[] = "\x0apostgresql";
    SSL *ssl = SSL_new(context);
    if (!ssl) return NULL;
    SSL_set_alpn_protos(ssl, name, sizeof name - 1);
    int is_address = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
    if (!is_address) SSL_set_tlsext_host_name(ssl, host);
    if (verify && !is_address && SSL_set1_host(ssl, host) != 1) goto failed;
    if (SSL_set_fd(ssl, descriptor) == 1 && SSL_connect(ssl) == 1) return ssl;
failed:
    SSL_free(ssl);
    return NULL;
}

SSL *lbx_tls_connect(int descriptor, const char *host, int verify, const char *roots, char *error, int error_bytes) {
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = NULL;
    int is_ready = context && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
    if (is_ready && verify) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
        is_ready = roots ? SSL_CTX_load_verify_locations(context, roots, NULL) == 1 : SSL_CTX_set_default_verify_paths(context) == 1;
    }
    if (is_ready) ssl = lbx_tls_started(context, descriptor, host, verify);
    if (!ssl) lbx_tls_error(error, error_bytes);
    SSL_CTX_free(context); // the connection holds it
    return ssl;
}

void lbx_tls_set_alpn(SSL *ssl, const uint8_t *alpn, unsigned alpn_bytes) { SSL_set_alpn_protos(ssl, alpn, alpn_bytes); }

unsigned lbx_tls_end_point(SSL_CTX *context, uint8_t *hash) {
    X509 *certificate = SSL_CTX_get0_certificate(context);
    int digest = 0;
    if (!certificate || !OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest, NULL)) return 0;
    // RFC 5929, 4.1: MD5 and SHA-1 are replaced by SHA-256.
    const EVP_MD *algorithm = digest == NID_md5 || digest == NID_sha1 ? EVP_sha256() : EVP_get_digestbynid(digest);
    unsigned count = 0;
    return algorithm && X509_digest(certificate, algorithm, hash, &count) ? count : 0;
}

static int write_pem(const char *path, EVP_PKEY *key, X509 *certificate) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file) return -1;
    int done = key ? PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) : PEM_write_X509(file, certificate);
    return fclose(file) == 0 && done ? 0 : -1;
}

static X509 *self_signed(EVP_PKEY *key, const char *common_name, int days) {
    X509 *certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400L * days);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    if (X509_sign(certificate, key, EVP_sha256())) return certificate;
    X509_free(certificate);
    return NULL;
}

int lbx_tls_self_signed(const char *common_name, int days, const char *certificate_path, const char *key_path) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = key ? self_signed(key, common_name, days) : NULL;
    int failed = !certificate || write_pem(key_path, key, NULL) || write_pem(certificate_path, NULL, certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return failed;
}

int lbx_sha256(const uint8_t *bytes, size_t count, uint8_t digest[32]) {
    return EVP_Digest(bytes, count, digest, NULL, EVP_sha256(), NULL);
}

int lbx_hmac_sha256(const uint8_t *key, size_t key_count, const uint8_t *bytes, size_t count, uint8_t digest[32]) {
    unsigned written = 32;
    return HMAC(EVP_sha256(), key, (int)key_count, bytes, count, digest, &written) != NULL;
}

int lbx_pbkdf2_sha256(const uint8_t *password, size_t count, const uint8_t *salt, size_t salt_count, int iterations, uint8_t digest[32]) {
    return PKCS5_PBKDF2_HMAC((const char *)password, (int)count, salt, (int)salt_count, iterations, EVP_sha256(), 32, digest);
}
