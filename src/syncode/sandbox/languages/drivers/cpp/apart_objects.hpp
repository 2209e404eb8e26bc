// Objects of the answer's classes in a pair in C++ (apart.hpp has all else).
#pragma once

namespace syncode {
// Objects of the answer's classes stay in its half; here they are numbers.
#ifdef SYNCODE_TESTS
size_t copied_object(size_t kind, size_t number);
struct object {
    size_t kind, number;
    object(size_t kind, size_t number) : kind(kind), number(number) { }
    object(const object &other) : kind(other.kind), number(copied_object(kind, other.valid())) { }
    object(object &&other) noexcept : kind(other.kind), number(other.number) { other.number = 0; }
    object &operator=(const object &other) {
        if (this == &other) return *this;
        size_t made = copied_object(kind, other.valid());
        release();
        number = made;
        return *this;
    }
    object &operator=(object &&other) noexcept {
        if (this == &other) return *this;
        release();
        number = other.number;
        other.number = 0;
        return *this;
    }
    ~object() { release(); }
    size_t valid() const {
        if (!number) syncode_inseparable("the tests use an object that was moved away");
        return number;
    }
    void release() {
        message out = {};
        if (!number) return;
        syncode_put_byte(&out, 'D');
        syncode_put_count(&out, kind);
        syncode_put_count(&out, number);
        syncode_later(&out);
        number = 0;
    }
};
template <class T, size_t K> struct crossing {
    enum : size_t { kind = K };
    static void put(message &to, const T &value) { syncode_put_count(&to, value.syncode_own.valid()); }
    static T get(message &from) {
        size_t number;
        syncode_get(&from, &number, sizeof number);
        return T(object(K, number));
    }
};
template <class T> size_t kind_of() { return codec<T>::kind; }
inline void apart(const void *one, const void *other) {
    if (one == other) syncode_inseparable("two arguments are the same object");
}
#else
template <class T> struct kept {
    static inline T **all = nullptr;
    static inline size_t count = 0;
    static size_t keep(T *one) {
        if (!(count & (count + 1))) all = (T **)::realloc(all, 2 * (count + 1) * sizeof *all);
        all[count] = one;
        return ++count;
    }
    static T *&at(size_t number) {
        if (!number || number > count || !all[number - 1]) syncode_malformed();
        return all[number - 1];
    }
    static T &read(message &in) {
        size_t number;
        syncode_get(&in, &number, sizeof number);
        return *at(number);
    }
};
template <class T, size_t K> struct crossing {
    static void put(message &to, const T &value) { syncode_put_count(&to, kept<T>::keep(new T(value))); }
    static T get(message &from) { return kept<T>::read(from); }
};
template <class T> void made(message &in, message &out) {
    syncode_all_read(&in);
    reply<size_t>(out, [] { return kept<T>::keep(new T()); });
}
template <class T> void copied(message &in, message &out) {
    T &own = kept<T>::read(in);
    if constexpr (::std::is_copy_constructible<T>::value)
        reply<size_t>(out, [&] { return kept<T>::keep(new T(own)); });
    else
        syncode_inseparable("an object that cannot be copied is copied");
}
template <class T> void gone(message &in) {
    size_t number;
    syncode_get(&in, &number, sizeof number);
    T *&place = kept<T>::at(number);
    delete place;
    place = nullptr;
}
#endif
}
