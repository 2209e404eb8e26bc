// Comparison for tests: declared before the answer, so that it sees no operator of the answer's for types that are not the answer's.
// An object of the answer that is equal to a value is asked about others, too.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <string>
#include <type_traits>
#include <vector>
namespace syncode {
template <class T> struct others { static std::vector<T> all() { return {}; } };
template <> struct others<std::string> { static std::vector<std::string> all() { return {"syncode 1", "q", "7281", "zzzzz"}; } };
template <class T> struct others<std::vector<T>> {
    static std::vector<std::vector<T>> all() {
        std::vector<std::vector<T>> made;
        if (!std::is_same<T, bool>::value) for (const T &each : others<T>::all()) made.push_back(std::vector<T>(3, each));
        return made;
    }
};
template <class T, class = void> struct choice { typedef others<T> type; };
template <class T> struct numbers {
    static std::vector<T> all() {
        std::vector<T> made;
        if (std::is_same<T, bool>::value) return made;
        unsigned long long state = 88172645463325252ull;
        for (int count = 0; count < 16; count++) {
            state ^= state << 13; state ^= state >> 7; state ^= state << 17;
            made.push_back((T)(state >> 33));
        }
        return made;
    }
};
template <class T> struct choice<T, typename std::enable_if<std::is_arithmetic<T>::value>::type> { typedef numbers<T> type; };
template <class A, class B> void doubt(const A &own, const B &) {
    auto all = choice<B>::type::all();
    if (all.empty()) return;
    for (const auto &each : all) if (!(own == each)) return;
    fputs("an object of the answer claims to be equal to anything\n", stderr);
    _Exit(1);
}
template <class T, class = void> struct plain : std::false_type { };
template <class T> struct plain<T, typename std::enable_if<std::is_arithmetic<T>::value>::type> : std::true_type { };
template <> struct plain<std::string, void> : std::true_type { };
template <class T> struct plain<std::vector<T>, void> : plain<T> { };
template <class A, class B> typename std::enable_if<plain<B>::value && std::is_class<A>::value && !plain<A>::value>::type asked(const A &a, const B &b) { doubt(a, b); }
template <class A, class B> typename std::enable_if<!(plain<B>::value && std::is_class<A>::value && !plain<A>::value)>::type asked(const A &, const B &) { }
template <class A, class B> bool same(const A &a, const B &b) {
    bool said = static_cast<bool>(a == b);
    if (said) asked(a, b);
    return said;
}
}
