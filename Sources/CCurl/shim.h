#pragma once
#include <curl/curl.h>

// libcurl sets options and reads facts through variadic functions, which Swift cannot call. One typed inline wrapper per
// kind of argument; the option decides which one is right (curl_easy_setopt(3) names the type of each).

static inline CURLcode elb_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode elb_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

// Strings are copied by libcurl, but for CURLOPT_POSTFIELDS, whose memory must stay until the transfer ends.
static inline CURLcode elb_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode elb_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode elb_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

typedef size_t (*elb_curl_data_callback)(char *bytes, size_t size, size_t count, void *context);

// For CURLOPT_WRITEFUNCTION, CURLOPT_HEADERFUNCTION and CURLOPT_READFUNCTION.
static inline CURLcode elb_curl_set_callback(CURL *handle, CURLoption option, elb_curl_data_callback callback) {
    return curl_easy_setopt(handle, option, callback);
}

static inline CURLcode elb_curl_get_long(CURL *handle, CURLINFO fact, long *value) {
    return curl_easy_getinfo(handle, fact, value);
}

static inline CURLcode elb_curl_get_offset(CURL *handle, CURLINFO fact, curl_off_t *value) {
    return curl_easy_getinfo(handle, fact, value);
}

static inline CURLcode elb_curl_get_string(CURL *handle, CURLINFO fact, const char **value) {
    return curl_easy_getinfo(handle, fact, (char **)value);
}

// For CURLOPT_CAINFO_BLOB, CURLOPT_SSLCERT_BLOB and CURLOPT_SSLKEY_BLOB; libcurl copies the bytes.
static inline CURLcode elb_curl_set_blob(CURL *handle, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
    return curl_easy_setopt(handle, option, &blob);
}

// The certificates that the server showed, if CURLOPT_CERTINFO was set; they belong to the handle.
static inline CURLcode elb_curl_get_certificates(CURL *handle, struct curl_certinfo **value) {
    return curl_easy_getinfo(handle, CURLINFO_CERTINFO, value);
}
