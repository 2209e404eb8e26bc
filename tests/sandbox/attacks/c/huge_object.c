// expect: compile
static char large[1ull << 40] = { 1 };
int main(void) { return large[0] - 1; }
