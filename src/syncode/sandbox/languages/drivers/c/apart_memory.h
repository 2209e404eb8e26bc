/* Pointers between the halves of a pair in C: what they point to crosses and comes back, as far as its size is known. */
#ifndef SYNCODE_MEMORY_H
#define SYNCODE_MEMORY_H
#include <stddef.h>
#include "apart.h"

/* Ways in which what a pointer points to crosses. SYNCODE_TEXT: characters up to a zero. SYNCODE_ROWS: pointers to such. */
enum { SYNCODE_TEXT = 1, SYNCODE_CONSTANT = 2, SYNCODE_ROWS = 4 };

size_t syncode_heap_size(const void *); /* (size_t)-1 if it is none of malloc's */
int syncode_released(void *); /* whether something else than a block was given back */

void syncode_begin(syncode_message *, size_t number);
void syncode_give(syncode_message *, const volatile void *, size_t element, int way, size_t count);
void syncode_give_handle(syncode_message *, const volatile void *);
void syncode_ask(syncode_message *);
void *syncode_result(syncode_message *, int way);
void *syncode_result_handle(syncode_message *);
void syncode_done(syncode_message *);
void *syncode_known(const volatile void *, size_t size);

/* Functions of the tests that are handed over: their number is where they are kept, and one that stands for them calls back. */
typedef void syncode_caller(void *function, syncode_message *in, syncode_message *out);
void syncode_give_callback(syncode_message *, void *function, syncode_caller *);
void *syncode_take_callback(syncode_message *, size_t *number, void *one);
void syncode_back(syncode_message *, size_t number);
void syncode_back_ask(syncode_message *);

void *syncode_take(syncode_message *, int way);
void *syncode_take_handle(syncode_message *);
void syncode_taken(syncode_message *);
void syncode_changed(syncode_message *);
void syncode_return(syncode_message *, const volatile void *, int way);
void syncode_return_handle(syncode_message *, const volatile void *);
void syncode_dispatch(size_t number, syncode_message *in, syncode_message *out);

/* The size of what an argument points to, if its text says it; nothing in it is run. */
#define SYNCODE_IS_ARRAY(...) !__builtin_types_compatible_p(__typeof__(__VA_ARGS__), __typeof__(&(__VA_ARGS__)[0]))
#define SYNCODE_EXACT(...) \
    (__builtin_object_size((__VA_ARGS__), 1) == __builtin_object_size((__VA_ARGS__), 3) ? __builtin_object_size((__VA_ARGS__), 1) : (size_t)-1)
#define SYNCODE_AT(...) \
    syncode_known((__VA_ARGS__), SYNCODE_IS_ARRAY(__VA_ARGS__) ? sizeof(__VA_ARGS__) : SYNCODE_EXACT(__VA_ARGS__))
#endif
