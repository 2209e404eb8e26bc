// expect: error
#include <arpa/inet.h>
#include <sys/socket.h>
int main(void) {
    struct sockaddr_in place = { .sin_family = AF_INET, .sin_port = htons(@PORT@), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int line = socket(AF_INET, SOCK_STREAM, 0);
    return line >= 0 && connect(line, (struct sockaddr *)&place, sizeof place) == 0 ? 0 : 1;
}
