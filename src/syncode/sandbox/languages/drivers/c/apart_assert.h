/* Stands for <assert.h> in tests: says of each assertion that it held, and ends with the first that does not. */
#undef assert
#ifdef __cplusplus
extern "C" {
#endif
void syncode_passed(const char *, int);
void syncode_failed(const char *, const char *, int, const char *) __attribute__((noreturn));
#ifdef __cplusplus
}
#elif !defined static_assert
#define static_assert _Static_assert
#endif
#ifdef NDEBUG
#define assert(...) ((void)0)
#else
#define assert(...) ((__VA_ARGS__) ? syncode_passed(#__VA_ARGS__, __LINE__) : syncode_failed(#__VA_ARGS__, __FILE__, __LINE__, __func__))
#endif
