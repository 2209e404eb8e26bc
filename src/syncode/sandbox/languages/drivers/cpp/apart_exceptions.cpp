// Exceptions between the two halves of a pair in C++: the most derived class of the standard's is what crosses, and what it says.
#include <any>
#include <exception>
#include <functional>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <variant>
#include "apart.h"

#define SAYING(each) \
    each(1, invalid_argument) each(2, domain_error) each(3, length_error) each(4, out_of_range) each(5, logic_error) \
    each(6, range_error) each(7, overflow_error) each(8, underflow_error) each(9, runtime_error)
#define SILENT(each) \
    each(20, bad_optional_access) each(21, bad_function_call) each(22, bad_variant_access) each(23, bad_any_cast) \
    each(24, bad_array_new_length) each(25, bad_alloc) each(26, bad_cast) each(27, bad_typeid) each(28, bad_exception)
enum { OTHER = 40, TEXT, LITERAL, WHOLE, NUMBER };

namespace syncode {
struct exception : std::exception {
    std::string text;
    explicit exception(const std::string &text) : text(text) { }
    const char *what() const noexcept override { return text.c_str(); }
};
}

static void put(syncode_message *to, int kind, const std::string &text = "") {
    syncode_put_byte(to, (unsigned char)kind);
    syncode_put_text(to, text.data(), text.size());
}

// The tests know classes of their own by more than what they say, and so may the answer that lets them through.
#ifdef SYNCODE_TESTS
#define EXACT(caught, name) if (typeid(caught) != typeid(std::name)) syncode_inseparable("the tests throw an exception of a class of their own")
#else
#define EXACT(caught, name)
#endif

extern "C" void syncode_put_exception(syncode_message *to) {
    try {
        throw;
    }
#define EACH(number, name) catch (const std::name &caught) { EXACT(caught, name); put(to, number, caught.what()); }
    SAYING(EACH)
#undef EACH
#define EACH(number, name) catch (const std::name &caught) { EXACT(caught, name); put(to, number); }
    SILENT(EACH)
#undef EACH
    catch (const std::exception &caught) { EXACT(caught, exception); put(to, OTHER, caught.what()); }
    catch (const std::string &caught) { put(to, TEXT, caught); }
    catch (const char *caught) { put(to, LITERAL, caught ? caught : ""); }
    catch (int caught) { put(to, WHOLE, std::string((const char *)&caught, sizeof caught)); }
    catch (double caught) { put(to, NUMBER, std::string((const char *)&caught, sizeof caught)); }
    catch (...) { syncode_inseparable("an exception is of a class that is not the standard's"); }
}

extern "C" void syncode_skip_exception(syncode_message *from) {
    size_t size;
    syncode_get_byte(from);
    syncode_get_text(from, &size);
}

template <class T> static T value(const std::string &text) {
    T made;
    if (text.size() != sizeof made) syncode_malformed();
    __builtin_memcpy(&made, text.data(), sizeof made);
    return made;
}

// Throws the exception that stands at this place of a message.
extern "C" void syncode_raise(syncode_message *from, size_t at) {
    size_t size;
    from->at = at;
    int kind = syncode_get_byte(from);
    const char *begin = syncode_get_text(from, &size);
    std::string text(begin, size);
    switch (kind) {
#define EACH(number, name) case number: throw std::name(text);
        SAYING(EACH)
#undef EACH
#define EACH(number, name) case number: throw std::name();
        SILENT(EACH)
#undef EACH
        case OTHER: throw syncode::exception(text);
        case TEXT: throw text;
        case LITERAL: throw (const char *)(new std::string(text))->c_str();
        case WHOLE: throw value<int>(text);
        case NUMBER: throw value<double>(text);
        default: syncode_malformed();
    }
}
