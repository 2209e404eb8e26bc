// Values of the closed set of types of a pair in C++, to bytes and back; calls in both directions; exceptions by their class.
// In the answer's half it stands behind the answer: only the containers that this one has included are known to it.
#pragma once
#include <stdlib.h>
#include <type_traits>
#include <unistd.h>
#include <utility>
#include "apart.h"

extern "C" void syncode_put_exception(syncode_message *);
extern "C" void syncode_raise(syncode_message *, size_t) __attribute__((noreturn));
extern "C" void syncode_skip_exception(syncode_message *);

namespace syncode {
typedef syncode_message message;
using ::std::size_t;

template <class T, class = void> struct codec;
template <class T> using bare = typename ::std::remove_cv<typename ::std::remove_reference<T>::type>::type;
template <class T> void put(message &to, const T &value) { codec<T>::put(to, value); }
template <class T> T get(message &from) { return codec<T>::get(from); }

template <class T> struct codec<T, typename ::std::enable_if< ::std::is_arithmetic<T>::value || ::std::is_enum<T>::value>::type> {
    static void put(message &to, T value) { syncode_put(&to, &value, sizeof value); }
    static T get(message &from) {
        T value;
        syncode_get(&from, &value, sizeof value);
        return value;
    }
};
template <> struct codec<bool> {
    static void put(message &to, bool value) { syncode_put_byte(&to, value); }
    static bool get(message &from) { return syncode_get_truth(&from); }
};
#ifdef _GLIBCXX_STRING
template <class C> struct codec< ::std::basic_string<C>> {
    static void put(message &to, const ::std::basic_string<C> &value) { syncode_put_text(&to, (const char *)value.data(), value.size() * sizeof(C)); }
    static ::std::basic_string<C> get(message &from) {
        size_t size;
        const char *text = syncode_get_text(&from, &size);
        if (size % sizeof(C)) syncode_malformed();
        ::std::basic_string<C> made(size / sizeof(C), C());
        if (size) __builtin_memcpy(&made[0], text, made.size() * sizeof(C));
        return made;
    }
};
#endif
#if defined _GLIBCXX_STRING_VIEW && defined _GLIBCXX_STRING
template <class C> struct codec< ::std::basic_string_view<C>> {
    static void put(message &to, const ::std::basic_string_view<C> &value) { syncode_put_text(&to, (const char *)value.data(), value.size() * sizeof(C)); }
    static ::std::basic_string_view<C> get(message &from) {
        return *new ::std::basic_string<C>(syncode::get< ::std::basic_string<C>>(from));
    }
};
#endif
// A text that stays where it is: the one that reads it may hold on to it.
template <> struct codec<const char *> {
    static void put(message &to, const char *value) {
        syncode_put_byte(&to, value != nullptr);
        if (value) syncode_put_text(&to, value, __builtin_strlen(value));
    }
    static const char *get(message &from) {
        if (!syncode_get_truth(&from)) return nullptr;
        size_t size;
        const char *text = syncode_get_text(&from, &size);
        char *made = (char *)::calloc(size + 1, 1);
        return (const char *)__builtin_memcpy(made, text, size);
    }
};
template <class C> void put_all(message &to, const C &all) {
    size_t count = 0;
    for (auto each = all.begin(); each != all.end(); ++each) count++;
    syncode_put_count(&to, count);
    for (auto each = all.begin(); each != all.end(); ++each) put<typename C::value_type>(to, *each);
}
template <class C> struct sequence {
    static void put(message &to, const C &all) { put_all(to, all); }
    static C get(message &from) {
        C made;
        for (size_t count = syncode_get_count(&from); count; count--) made.push_back(syncode::get<typename C::value_type>(from));
        return made;
    }
};
template <class C, class V = typename C::value_type> struct collection {
    static void put(message &to, const C &all) { put_all(to, all); }
    static C get(message &from) {
        C made;
        for (size_t count = syncode_get_count(&from); count; count--) made.insert(made.end(), syncode::get<V>(from));
        return made;
    }
};
template <class A, class B> struct codec< ::std::pair<A, B>> {
    static void put(message &to, const ::std::pair<A, B> &value) {
        syncode::put<bare<A>>(to, value.first);
        syncode::put<bare<B>>(to, value.second);
    }
    static ::std::pair<A, B> get(message &from) {
        bare<A> first = syncode::get<bare<A>>(from);
        return ::std::pair<A, B>(first, syncode::get<bare<B>>(from));
    }
};
#ifdef _GLIBCXX_VECTOR
template <class V, class A> struct codec< ::std::vector<V, A>> {
    typedef ::std::vector<V, A> all;
    enum : bool { block = ::std::is_arithmetic<V>::value && !::std::is_same<V, bool>::value };
    static void put(message &to, const all &value) {
        if constexpr (block) syncode_put_text(&to, (const char *)value.data(), value.size() * sizeof(V));
        else sequence<all>::put(to, value);
    }
    static all get(message &from) {
        if constexpr (block) {
            size_t size;
            const char *begin = syncode_get_text(&from, &size);
            if (size % sizeof(V)) syncode_malformed();
            all made(size / sizeof(V));
            if (made.size()) __builtin_memcpy(made.data(), begin, made.size() * sizeof(V));
            return made;
        } else {
            return sequence<all>::get(from);
        }
    }
};
#endif
#ifdef _GLIBCXX_DEQUE
template <class... P> struct codec< ::std::deque<P...>> : sequence< ::std::deque<P...>> { };
#endif
#ifdef _GLIBCXX_LIST
template <class... P> struct codec< ::std::list<P...>> : sequence< ::std::list<P...>> { };
#endif
#ifdef _GLIBCXX_SET
template <class... P> struct codec< ::std::set<P...>> : collection< ::std::set<P...>> { };
template <class... P> struct codec< ::std::multiset<P...>> : collection< ::std::multiset<P...>> { };
#endif
#ifdef _GLIBCXX_MAP
template <class... P> struct codec< ::std::map<P...>> : collection< ::std::map<P...>> { };
template <class... P> struct codec< ::std::multimap<P...>> : collection< ::std::multimap<P...>> { };
#endif
#ifdef _GLIBCXX_UNORDERED_SET
template <class... P> struct codec< ::std::unordered_set<P...>> : collection< ::std::unordered_set<P...>> { };
template <class... P> struct codec< ::std::unordered_multiset<P...>> : collection< ::std::unordered_multiset<P...>> { };
#endif
#ifdef _GLIBCXX_UNORDERED_MAP
template <class... P> struct codec< ::std::unordered_map<P...>> : collection< ::std::unordered_map<P...>> { };
template <class... P> struct codec< ::std::unordered_multimap<P...>> : collection< ::std::unordered_multimap<P...>> { };
#endif
#ifdef _GLIBCXX_ARRAY
template <class T, size_t N> struct codec< ::std::array<T, N>> {
    static void put(message &to, const ::std::array<T, N> &all) { for (const T &each : all) syncode::put<T>(to, each); }
    static ::std::array<T, N> get(message &from) {
        ::std::array<T, N> made{};
        for (T &each : made) each = syncode::get<T>(from);
        return made;
    }
};
#endif
#ifdef _GLIBCXX_TUPLE
template <class... P> struct codec< ::std::tuple<P...>> {
    static void put(message &to, const ::std::tuple<P...> &all) {
        ::std::apply([&](const P &...each) { (syncode::put<bare<P>>(to, each), ...); }, all);
    }
    static ::std::tuple<P...> get(message &from) { return ::std::tuple<P...>{syncode::get<bare<P>>(from)...}; }
};
#endif
#ifdef _GLIBCXX_OPTIONAL
template <class T> struct codec< ::std::optional<T>> {
    static void put(message &to, const ::std::optional<T> &value) {
        syncode_put_byte(&to, value.has_value());
        if (value) syncode::put<T>(to, *value);
    }
    static ::std::optional<T> get(message &from) {
        if (!syncode_get_truth(&from)) return {};
        return syncode::get<T>(from);
    }
};
#endif
#ifdef _GLIBCXX_VARIANT
template <class... P> struct codec< ::std::variant<P...>> {
    typedef ::std::variant<P...> all;
    static void put(message &to, const all &value) {
        syncode_put_byte(&to, (unsigned char)value.index());
        ::std::visit([&](const auto &each) { syncode::put<bare<decltype(each)>>(to, each); }, value);
    }
    template <size_t I> static all read(message &from, size_t index) {
        if constexpr (I < sizeof...(P)) {
            if (index == I) return all(::std::in_place_index<I>, syncode::get< ::std::variant_alternative_t<I, all>>(from));
            return read<I + 1>(from, index);
        } else {
            syncode_malformed();
        }
    }
    static all get(message &from) { return read<0>(from, syncode_get_byte(&from)); }
};
#endif
#ifdef _GLIBCXX_COMPLEX
template <class T> struct codec< ::std::complex<T>> {
    static void put(message &to, const ::std::complex<T> &value) {
        syncode::put<T>(to, value.real());
        syncode::put<T>(to, value.imag());
    }
    static ::std::complex<T> get(message &from) {
        T real = syncode::get<T>(from);
        return {real, syncode::get<T>(from)};
    }
};
#endif

// Functions that were handed over, to be called from the other half. Their number is their place.
struct handed {
    virtual void serve(message &in, message &out) = 0;
    handed *before = nullptr;
    size_t place = 0;
};
inline handed *&last() {
    static handed *one = nullptr;
    return one;
}
inline size_t keep(handed *one) {
    one->before = last();
    one->place = one->before ? one->before->place + 1 : 0;
    last() = one;
    return one->place;
}
inline void serve_handed(message &in, message &out) {
    size_t place;
    syncode_get(&in, &place, sizeof place);
    for (handed *one = last(); one; one = one->before) if (one->place == place) return one->serve(in, out);
    syncode_malformed();
}

template <class T> void each(message &to, const T &value) { put<T>(to, value); }
template <class T, size_t N> void each(message &to, const T (&all)[N]) { for (const T &one : all) syncode::each(to, one); }
template <class T> void fill(message &from, T &value) { value = get<T>(from); }
template <class T, size_t N> void fill(message &from, T (&all)[N]) { for (T &one : all) fill(from, one); }

void dispatch(message &in, message &out);  // of the answer's half: a call of one of its functions
void forget(message &in);

// Serves what the other half asks for, until it has sent what this one waits for.
inline void wait(message &reply) {
    for (;;) {
        message in, out = {};
        if (!syncode_receive(&in)) {
#ifdef SYNCODE_TESTS
            ::_exit(106);
#else
            ::exit(0);
#endif
        }
        switch (syncode_get_byte(&in)) {
            case 'R': reply = in; return;
            case 'B': serve_handed(in, out); syncode_send(&out); break;
#ifdef SYNCODE_TESTS
            case 'I': {
                syncode_put_byte(&in, 0);
                syncode_inseparable((const char *)in.data + 1);
            }
#else
            case 'C': dispatch(in, out); syncode_send(&out); break;
            case 'D': forget(in); break;
#endif
            default: syncode_malformed();
        }
        syncode_drop(&in);
    }
}

// A call: arguments are put, then it is asked; what was changed is read, and then the result, or the exception is thrown.
struct call {
    message out = {}, in = {};
    bool failed = false;
    size_t thrown = 0;
    explicit call(unsigned number) { begin('C', number); }
    call(char kind, size_t number) { begin(kind, number); }
    void begin(char kind, size_t number) {
        syncode_put_byte(&out, (unsigned char)kind);
        syncode_put_count(&out, number);
    }
    call(const call &) = delete;
    ~call() {
        syncode_drop(&out);
        syncode_drop(&in);
    }
    template <class T> void give(const T &value) { put<T>(out, value); }
    void ask() {
        syncode_send(&out);
        wait(in);
        failed = !syncode_get_truth(&in);
        thrown = in.at;
        if (failed) syncode_skip_exception(&in);
    }
    template <class T> T take() { return get<T>(in); }
    template <class T> T result() {
        if constexpr (::std::is_void<T>::value) {
            done();
        } else {
            if (failed) done();
            T made = get<T>(in);
            done();
            return made;
        }
    }
    // What a function returns by reference stays, and is the same object as long as it has the same value.
    template <class T> const T &held() {
        static struct held_one {
            unsigned char *bytes;
            size_t size;
            T *value;
            held_one *before;
        } *last = nullptr;
        if (failed) done();
        size_t begin = in.at, size = in.size - begin;
        for (held_one *one = last; one; one = one->before)
            if (one->size == size && !__builtin_memcmp(one->bytes, in.data + begin, size)) return *one->value;
        T *value = new T(get<T>(in));
        done();
        unsigned char *bytes = (unsigned char *)::malloc(size + 1);
        __builtin_memcpy(bytes, in.data + begin, size);
        last = new held_one{bytes, size, value, last};
        return *value;
    }
    void same() {
        if (!result<bool>()) syncode_inseparable("a method returns a reference to another object");
    }
    void done() {
        syncode_all_read(&in);
        if (failed) syncode_raise(&in, thrown);
    }
};

// The answer to a call: whether it has returned, what was changed, the result.
template <class R, class F, class... C> void reply(message &out, F made, const C &...changed) {
    syncode_put_byte(&out, 'R');
    size_t begin = out.size;
    try {
        if constexpr (::std::is_void<R>::value) {
            made();
            syncode_put_byte(&out, 1);
            (put<C>(out, changed), ...);
        } else {
            bare<R> result = made();
            syncode_put_byte(&out, 1);
            (put<C>(out, changed), ...);
            put<bare<R>>(out, result);
        }
    } catch (...) {
        out.size = begin;
        syncode_put_byte(&out, 0);
        syncode_put_exception(&out);
        (put<C>(out, changed), ...);
    }
}

#ifdef _GLIBCXX_FUNCTIONAL
template <class R, class... A> struct handed_function : handed {
    ::std::function<R(A...)> value;
    void serve(message &in, message &out) override {
        ::std::tuple<bare<A>...> given{syncode::get<bare<A>>(in)...};
        syncode_all_read(&in);
        reply<R>(out, [&]() -> R { return ::std::apply(value, given); });
    }
};
template <class R, class... A> struct codec< ::std::function<R(A...)>> {
    static_assert(!(false || ... || (::std::is_lvalue_reference<A>::value && !::std::is_const<typename ::std::remove_reference<A>::type>::value)), "a reference");
    static_assert(!::std::is_reference<R>::value, "a reference");
    typedef ::std::function<R(A...)> function;
    static void put(message &to, const function &value) {
        syncode_put_byte(&to, bool(value));
        if (!value) return;
        auto *one = new handed_function<R, A...>();
        one->value = value;
        syncode_put_count(&to, keep(one));
    }
    static function get(message &from) {
        if (!syncode_get_truth(&from)) return {};
        size_t place;
        syncode_get(&from, &place, sizeof place);
        return [place](A... given) -> R {
            call made('B', place);
            (made.give<bare<A>>(given), ...);
            made.ask();
            return made.template result<R>();
        };
    }
};
#endif
}
#include "apart_objects.hpp"
