package cross

import (
	"reflect"
	"strconv"
	"strings"
)

// nameOf returns how a type is called on both sides.
func nameOf(kind reflect.Type) (string, bool) {
	if name, known := names[kind]; known {
		return name, true
	}
	if kind.Name() != "" {
		return "", false
	}
	prefix, inner := "", []reflect.Type{}
	switch kind.Kind() {
	case reflect.Ptr:
		prefix, inner = "*", []reflect.Type{kind.Elem()}
	case reflect.Slice:
		prefix, inner = "[]", []reflect.Type{kind.Elem()}
	case reflect.Array:
		prefix, inner = "["+strconv.Itoa(kind.Len())+"]", []reflect.Type{kind.Elem()}
	case reflect.Map:
		prefix, inner = "map ", []reflect.Type{kind.Key(), kind.Elem()}
	default:
		return "", false
	}
	for _, each := range inner {
		name, known := nameOf(each)
		if !known {
			return "", false
		}
		prefix += name + " "
	}
	return prefix, true
}

// typeOf reads such a name; returns what is left of it.
func typeOf(name string) (reflect.Type, string) {
	var left string
	inner := func(rest string) reflect.Type {
		kind, after := typeOf(rest)
		left = strings.TrimPrefix(after, " ")
		return kind
	}
	switch {
	case strings.HasPrefix(name, "*"):
		return reflect.PtrTo(inner(name[1:])), left
	case strings.HasPrefix(name, "[]"):
		return reflect.SliceOf(inner(name[2:])), left
	case strings.HasPrefix(name, "map "):
		key := inner(name[4:])
		if !key.Comparable() {
			panic(malformed("a key of type " + key.String()))
		}
		return reflect.MapOf(key, inner(left)), left
	case strings.HasPrefix(name, "["):
		words, rest, _ := strings.Cut(name[1:], "]")
		length, err := strconv.Atoi(words)
		if err != nil || length < 0 || length > 1<<24 {
			panic(malformed("an array of " + words))
		}
		return reflect.ArrayOf(length, inner(rest)), left
	}
	word, rest, more := strings.Cut(name, " ")
	kind := types[word]
	if kind == nil {
		panic(malformed("the type " + word))
	}
	if more {
		rest = " " + rest
	}
	return kind, rest
}
