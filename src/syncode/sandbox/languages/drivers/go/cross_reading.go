package cross

import (
	"encoding/binary"
	library "errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
	"unsafe"
)

type decoder struct {
	bytes []byte
	at    int
}

func (from *decoder) byte() byte {
	if from.at >= len(from.bytes) {
		panic(malformed("it ends early"))
	}
	from.at++
	return from.bytes[from.at-1]
}

func (from *decoder) flag() bool { return from.byte() == 1 }

func (from *decoder) whole() uint64 {
	number, size := binary.Uvarint(from.bytes[from.at:])
	if size <= 0 {
		panic(malformed("no number"))
	}
	from.at += size
	return number
}

func (from *decoder) take(size uint64) []byte {
	if size > uint64(len(from.bytes)-from.at) {
		panic(malformed("it ends early"))
	}
	from.at += int(size)
	return from.bytes[from.at-int(size) : from.at]
}

func (from *decoder) text() string { return string(from.take(from.whole())) }

func (from *decoder) real() float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(from.take(8)))
}

// end reads what has changed in objects.
func (from *decoder) end() {
	for number := from.whole(); number != 0; number = from.whole() {
		each := objects[number]
		if each == nil {
			panic(malformed("an object that nothing leads to"))
		}
		known := from.take(from.whole())
		inner := &decoder{bytes: known}
		if !isOpaque(each.place.Type().Elem()) {
			inner.into(each.place.Elem())
		}
		if inner.at != len(known) {
			panic(malformed("more than an object"))
		}
		each.known, each.sent = known, true
	}
	if from.at != len(from.bytes) {
		panic(malformed("more than a message"))
	}
}

func (from *decoder) fresh(kind reflect.Type) reflect.Value {
	value := reflect.New(kind).Elem()
	from.into(value)
	return value
}

// count returns a length that the message can hold; nothing is allocated for one that it cannot.
func (from *decoder) count(size uint64, element reflect.Type) int {
	if size > uint64(len(from.bytes)-from.at) && !(element.Size() == 0 && size <= 1<<20) {
		panic(malformed("a length beyond its end"))
	}
	return int(size)
}

// into reads a value into one that can be set: slices of the same length and maps are changed in place.
func (from *decoder) into(value reflect.Value) {
	kind := value.Type()
	if !value.CanSet() {
		value = reflect.NewAt(kind, unsafe.Pointer(value.UnsafeAddr())).Elem()
	}
	if kind == moment {
		var read time.Time
		if err := read.UnmarshalBinary([]byte(from.text())); err != nil {
			panic(malformed(err.Error()))
		}
		value.Set(reflect.ValueOf(read))
		return
	}
	switch kind.Kind() {
	case reflect.Bool:
		value.SetBool(from.flag())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		number := from.whole()
		value.SetInt(int64(number>>1) ^ -int64(number&1))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		value.SetUint(from.whole())
	case reflect.Float32, reflect.Float64:
		value.SetFloat(from.real())
	case reflect.Complex64, reflect.Complex128:
		part := from.real()
		value.SetComplex(complex(part, from.real()))
	case reflect.String:
		value.SetString(from.text())
	case reflect.Slice:
		from.slice(value)
	case reflect.Array:
		for place := 0; place < value.Len(); place++ {
			from.into(value.Index(place))
		}
	case reflect.Map:
		from.entries(value)
	case reflect.Ptr:
		value.Set(from.pointer(kind))
	case reflect.Struct:
		from.fields(value)
	case reflect.Func:
		value.Set(from.function(kind))
	case reflect.Interface:
		from.dynamic(value)
	default:
		panic(inseparable{"a value of type " + kind.String()})
	}
}

func (from *decoder) slice(value reflect.Value) {
	kind, size := value.Type(), from.whole()
	if size == 0 {
		value.Set(reflect.Zero(kind))
		return
	}
	count := from.count(size-1, kind.Elem())
	if value.IsNil() || value.Len() != count {
		value.Set(reflect.MakeSlice(kind, count, count))
	}
	if kind.Elem().Kind() == reflect.Uint8 {
		copy(value.Bytes(), from.take(uint64(count)))
		return
	}
	for place := 0; place < count; place++ {
		from.into(value.Index(place))
	}
}

func (from *decoder) entries(value reflect.Value) {
	kind, size := value.Type(), from.whole()
	if size == 0 {
		value.Set(reflect.Zero(kind))
		return
	}
	count := from.count(size-1, anything)
	if value.IsNil() {
		value.Set(reflect.MakeMap(kind))
	}
	old := value.MapKeys()
	keys := reflect.MakeMap(reflect.MapOf(kind.Key(), reflect.TypeOf(struct{}{})))
	for place := 0; place < count; place++ {
		key := from.fresh(kind.Key())
		if inside := key; inside.Kind() == reflect.Interface && !inside.IsNil() && !inside.Elem().Type().Comparable() {
			panic(malformed("a key that cannot be compared"))
		}
		value.SetMapIndex(key, from.fresh(kind.Elem()))
		keys.SetMapIndex(key, reflect.ValueOf(struct{}{}))
	}
	for _, key := range old {
		if !keys.MapIndex(key).IsValid() {
			value.SetMapIndex(key, reflect.Value{})
		}
	}
}

func (from *decoder) fields(value reflect.Value) {
	kind := value.Type()
	if isOpaque(kind) {
		panic(inseparable{"a value of the answer's own type " + kind.String()})
	}
	if _, known := names[kind]; !known && kind.PkgPath() != "main" && kind.PkgPath() != "" {
		panic(inseparable{"a value of type " + kind.String()})
	}
	for place := 0; place < kind.NumField(); place++ {
		if kind.Field(place).Name != "_" {
			from.into(value.Field(place))
		}
	}
}

func (from *decoder) pointer(kind reflect.Type) reflect.Value {
	number := from.whole()
	if number == 0 {
		return reflect.Zero(kind)
	}
	each := objects[number]
	if each == nil {
		if number&1 == 0 == answering {
			panic(malformed("an object of this side that is not there"))
		}
		each = &object{number: number, place: reflect.New(kind.Elem())}
		objects[number] = each
		pointers[pointer{each.place.UnsafePointer(), each.place.Type()}] = each
		mark(each)
	}
	if !each.place.Type().ConvertibleTo(kind) {
		panic(malformed("an object of another type"))
	}
	return each.place.Convert(kind)
}

// function returns one of this side, or one that calls the other side.
func (from *decoder) function(kind reflect.Type) reflect.Value {
	number := from.whole()
	if number == 0 {
		return reflect.Zero(kind)
	}
	if own, is := made[number]; is {
		if own.Type() != kind {
			panic(malformed("a function of another type"))
		}
		return own
	}
	function := reflect.MakeFunc(kind, func(arguments []reflect.Value) []reflect.Value {
		results := make([]reflect.Value, kind.NumOut())
		for place := range results {
			results[place] = reflect.New(kind.Out(place)).Elem()
		}
		call("", number, arguments, results)
		return results
	})
	holder := reflect.New(kind)
	holder.Elem().Set(function)
	made[number] = holder.Elem()
	closures[pointer{*(*unsafe.Pointer)(holder.UnsafePointer()), kind}] = number
	return holder.Elem()
}

func (from *decoder) dynamic(value reflect.Value) {
	name := from.text()
	inside := reflect.Value{}
	switch name {
	case "":
		value.Set(reflect.Zero(value.Type()))
		return
	case "!sentinel":
		name := from.text()
		if sentinels[name] == nil {
			panic(malformed("the error " + name))
		}
		inside = reflect.ValueOf(sentinels[name])
	case "!error", "!runtime":
		inside = reflect.ValueOf(from.problem(name == "!runtime"))
	default:
		kind, rest := typeOf(name)
		if rest != "" {
			panic(malformed("the type " + name))
		}
		inside = from.fresh(kind)
	}
	if !inside.Type().AssignableTo(value.Type()) {
		panic(malformed("a value of another type: " + inside.Type().String()))
	}
	value.Set(inside)
}

func (from *decoder) problem(runtime bool) error {
	kind, said, number, words := from.text(), from.text(), from.whole(), from.text()
	inside := from.fresh(failure)
	if errors[number] == nil {
		var cause error
		if !inside.IsNil() {
			cause = inside.Interface().(error)
		}
		problem := fault(kind, words, said, cause)
		if runtime {
			problem = &runtimeFault{Fault{words, cause}}
		}
		errors[number], faults[problem] = problem, number
	}
	return errors[number]
}

// fault returns an error with these words, of the library's own type if it was one: tests may compare with such a one.
func fault(kind, words, said string, cause error) error {
	switch kind {
	case "*errors.errorString":
		return library.New(words)
	case "*fmt.errorString":
		return fmt.Errorf("%s", words)
	case "*fmt.wrapError":
		before, after, found := strings.Cut(words, said)
		if said == "" || !found || cause == nil {
			break
		}
		made := fmt.Errorf("%s%w%s", before, &Fault{words: said}, after) // not with the cause: the answer may have its words
		if held := reflect.ValueOf(made).Elem().FieldByName("err"); held.IsValid() && held.Type() == failure {
			reflect.NewAt(failure, unsafe.Pointer(held.UnsafeAddr())).Elem().Set(reflect.ValueOf(cause))
			return made
		}
	}
	return &Fault{words, cause}
}
