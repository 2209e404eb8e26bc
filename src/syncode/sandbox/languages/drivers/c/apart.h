/* Messages between the two halves of a pair in C and C++, and what ends one of them (apart.c). */
#ifndef SYNCODE_APART_H
#define SYNCODE_APART_H
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
/* A message: its first byte is its kind. `at` is where reading goes on. */
typedef struct {
    unsigned char *data;
    size_t size, room, at;
} syncode_message;

void syncode_put(syncode_message *, const void *, size_t);
void syncode_put_byte(syncode_message *, unsigned char);
void syncode_put_count(syncode_message *, size_t);
void syncode_put_text(syncode_message *, const char *, size_t);
void syncode_get(syncode_message *, void *, size_t);
unsigned char syncode_get_byte(syncode_message *);
size_t syncode_get_count(syncode_message *);
const char *syncode_get_text(syncode_message *, size_t *);
unsigned char syncode_get_truth(syncode_message *);
void syncode_all_read(syncode_message *);
void syncode_drop(syncode_message *);
void syncode_later(syncode_message *);
void syncode_send(syncode_message *);
int syncode_receive(syncode_message *);
void syncode_malformed(void) __attribute__((noreturn));
void syncode_inseparable(const char *) __attribute__((noreturn));
#ifdef __cplusplus
}
#endif
#endif
