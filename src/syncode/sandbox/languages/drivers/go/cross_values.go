package cross

import (
	"bytes"
	"container/list"
	"encoding/binary"
	"io"
	"io/fs"
	"math"
	"math/big"
	"reflect"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"time"
	"unsafe"
)

// Opaque is all that the tests have of a type of the answer with fields that cannot cross.
type Opaque struct {
	number uint64
	_      [0]func()
}

type malformed string

type object struct {
	number uint64
	place  reflect.Value // a pointer
	known  []byte        // what both sides have of it
	sent   bool
}

var (
	anything  = reflect.TypeOf((*interface{})(nil)).Elem()
	failure   = reflect.TypeOf((*error)(nil)).Elem()
	opaque    = reflect.TypeOf(Opaque{})
	moment    = reflect.TypeOf(time.Time{})
	objects   = map[uint64]*object{}
	pointers  = map[pointer]*object{}
	made      = map[uint64]reflect.Value{} // functions of this side
	closures  = map[pointer]uint64{}
	errors    = map[uint64]error{}
	faults    = map[error]uint64{}
	types     = map[string]reflect.Type{}
	names     = map[reflect.Type]string{}
	hidden    = map[reflect.Type]bool{}
	sentinels = map[string]error{
		"io.EOF": io.EOF, "io.ErrUnexpectedEOF": io.ErrUnexpectedEOF, "strconv.ErrSyntax": strconv.ErrSyntax,
		"strconv.ErrRange": strconv.ErrRange, "fs.ErrNotExist": fs.ErrNotExist, "fs.ErrExist": fs.ErrExist,
		"fs.ErrPermission": fs.ErrPermission, "fs.ErrInvalid": fs.ErrInvalid, "fs.ErrClosed": fs.ErrClosed,
	}
)

type pointer struct {
	place unsafe.Pointer
	kind  reflect.Type
}

// Types makes types of the answer known by name; each is given as a nil pointer to it. `opaque`: those whose inside stays.
func Types(known map[string]interface{}, opaque ...string) {
	for name, each := range known {
		types[name] = reflect.TypeOf(each).Elem()
		names[types[name]] = name
	}
	for _, name := range opaque {
		hidden[types[name]] = true
	}
}

func init() {
	for name, each := range map[string]interface{}{
		"bool": false, "int": 0, "int8": int8(0), "int16": int16(0), "int32": int32(0), "int64": int64(0), "uint": uint(0),
		"uint8": uint8(0), "uint16": uint16(0), "uint32": uint32(0), "uint64": uint64(0), "uintptr": uintptr(0),
		"float32": float32(0), "float64": 0.0, "complex64": complex64(0), "complex128": complex128(0), "string": "",
		"time.Duration": time.Duration(0), "time.Month": time.Month(0), "time.Weekday": time.Weekday(0), "time.Time": time.Time{},
		"strconv.NumError": strconv.NumError{}, "strings.Reader": strings.Reader{}, "strings.Builder": strings.Builder{},
		"bytes.Buffer": bytes.Buffer{}, "bytes.Reader": bytes.Reader{}, "big.Int": big.Int{}, "big.Rat": big.Rat{}, "big.Float": big.Float{},
		"list.List": list.List{}, "list.Element": list.Element{}, "sort.IntSlice": sort.IntSlice{}, "sort.StringSlice": sort.StringSlice{},
		"sort.Float64Slice": sort.Float64Slice{},
	} {
		types[name] = reflect.TypeOf(each)
		names[types[name]] = name
	}
	types["any"], names[anything] = anything, "any"
	types["error"], names[failure] = failure, "error"
}

// Fault is an error of the other side.
type Fault struct {
	words  string
	inside error
}

func (fault *Fault) Error() string { return fault.words }
func (fault *Fault) Unwrap() error { return fault.inside }

type runtimeFault struct{ Fault }

func (fault *runtimeFault) RuntimeError() {}

// encoder writes a message. `sorted`: maps by their keys, so that what has not changed reads the same.
type encoder struct {
	bytes  []byte
	queue  []*object
	sorted bool
}

func (to *encoder) whole(number uint64) {
	var space [10]byte
	to.bytes = append(to.bytes, space[:binary.PutUvarint(space[:], number)]...)
}

func (to *encoder) text(words string) {
	to.whole(uint64(len(words)))
	to.bytes = append(to.bytes, words...)
}

// send ends a message with what has changed in all objects that it leads to, and sends it.
func (to *encoder) send() {
	seen := map[*object]bool{}
	if len(objects) <= most {
		for _, each := range objects {
			to.queue = append(to.queue, each)
		}
		sort.Slice(to.queue, func(left, right int) bool { return to.queue[left].number < to.queue[right].number })
	}
	for len(to.queue) > 0 {
		each := to.queue[len(to.queue)-1]
		to.queue = to.queue[:len(to.queue)-1]
		if seen[each] {
			continue
		}
		seen[each] = true
		inner := &encoder{queue: to.queue, sorted: true}
		inner.content(each.place.Elem())
		to.queue = inner.queue
		if !each.sent || !bytes.Equal(each.known, inner.bytes) {
			each.known, each.sent = inner.bytes, true
			to.whole(each.number)
			to.text(string(inner.bytes))
		}
	}
	to.whole(0)
	if len(to.bytes) > math.MaxUint32 {
		panic(inseparable{"a message of more than 4 GiB"})
	}
	var size [4]byte
	binary.LittleEndian.PutUint32(size[:], uint32(len(to.bytes)))
	if _, err := output.Write(append(size[:], to.bytes...)); err != nil {
		gone()
	}
}

func isOpaque(kind reflect.Type) bool {
	return hidden[kind] || kind.Kind() == reflect.Struct && kind.NumField() == 1 && kind.Field(0).Type == opaque
}

// content encodes what a pointer leads to: nothing of an opaque one.
func (to *encoder) content(value reflect.Value) {
	if !isOpaque(value.Type()) {
		to.value(value)
	}
}

// mark notes in an opaque object which one it is: a copy of it is known by that.
func mark(each *object) {
	if kind := each.place.Type().Elem(); !hidden[kind] && isOpaque(kind) {
		held := (*Opaque)(each.place.UnsafePointer())
		if held.number != 0 && held.number != each.number {
			panic(inseparable{"a copy of a value of the answer's own type"})
		}
		held.number = each.number
	}
}

func (to *encoder) value(value reflect.Value) {
	kind := value.Type()
	if kind == moment {
		written, err := readable(value).Interface().(time.Time).MarshalBinary()
		if err != nil {
			panic(inseparable{err.Error()})
		}
		to.text(string(written))
		return
	}
	switch kind.Kind() {
	case reflect.Bool:
		to.flag(value.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		number := value.Int()
		to.whole(uint64(number)<<1 ^ uint64(number>>63))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		to.whole(value.Uint())
	case reflect.Float32, reflect.Float64:
		to.real(value.Float())
	case reflect.Complex64, reflect.Complex128:
		to.real(real(value.Complex()))
		to.real(imag(value.Complex()))
	case reflect.String:
		to.text(value.String())
	case reflect.Slice:
		if value.IsNil() {
			to.whole(0)
			return
		}
		to.whole(uint64(value.Len()) + 1)
		if kind.Elem().Kind() == reflect.Uint8 {
			to.bytes = append(to.bytes, value.Bytes()...)
			return
		}
		for place := 0; place < value.Len(); place++ {
			to.value(value.Index(place))
		}
	case reflect.Array:
		for place := 0; place < value.Len(); place++ {
			to.value(value.Index(place))
		}
	case reflect.Map:
		to.entries(value)
	case reflect.Ptr:
		to.pointer(value)
	case reflect.Struct:
		to.fields(value)
	case reflect.Func:
		to.function(value)
	case reflect.Interface:
		to.dynamic(value)
	default:
		panic(inseparable{"a value of type " + kind.String()})
	}
}

func (to *encoder) flag(value bool) {
	if value {
		to.bytes = append(to.bytes, 1)
	} else {
		to.bytes = append(to.bytes, 0)
	}
}

func (to *encoder) real(number float64) {
	var space [8]byte
	binary.LittleEndian.PutUint64(space[:], math.Float64bits(number))
	to.bytes = append(to.bytes, space[:]...)
}

func (to *encoder) entries(value reflect.Value) {
	if value.IsNil() {
		to.whole(0)
		return
	}
	to.whole(uint64(value.Len()) + 1)
	entries := make([]string, 0, value.Len())
	key, element := reflect.New(value.Type().Key()).Elem(), reflect.New(value.Type().Elem()).Elem()
	for each := readable(value).MapRange(); each.Next(); {
		inner := &encoder{queue: to.queue, sorted: to.sorted}
		key.SetIterKey(each)
		inner.value(key)
		element.SetIterValue(each)
		inner.value(element)
		to.queue = inner.queue
		entries = append(entries, string(inner.bytes))
	}
	if to.sorted {
		sort.Strings(entries)
	}
	for _, each := range entries {
		to.bytes = append(to.bytes, each...)
	}
}

// fields encodes a struct, whoever may read its fields.
func (to *encoder) fields(value reflect.Value) {
	kind := value.Type()
	if isOpaque(kind) {
		panic(inseparable{"a value of the answer's own type " + kind.String()})
	}
	if _, known := names[kind]; !known && kind.PkgPath() != "main" && kind.PkgPath() != "" {
		panic(inseparable{"a value of type " + kind.String()})
	}
	for place := 0; place < kind.NumField(); place++ {
		if kind.Field(place).Name != "_" {
			to.value(value.Field(place))
		}
	}
}

func (to *encoder) pointer(value reflect.Value) {
	if value.IsNil() {
		to.whole(0)
		return
	}
	key := pointer{value.UnsafePointer(), value.Type()}
	each := pointers[key]
	if each == nil {
		each = &object{number: next(), place: reflect.NewAt(value.Type().Elem(), value.UnsafePointer())}
		pointers[key], objects[each.number] = each, each
	}
	mark(each)
	to.whole(each.number)
	to.queue = append(to.queue, each)
}

func (to *encoder) function(value reflect.Value) {
	if value.IsNil() {
		to.whole(0)
		return
	}
	holder := reflect.New(value.Type())
	holder.Elem().Set(readable(value))
	key := pointer{*(*unsafe.Pointer)(holder.UnsafePointer()), value.Type()}
	if closures[key] == 0 {
		closures[key] = next()
		made[closures[key]] = holder.Elem()
	}
	to.whole(closures[key])
}

// readable returns a value that may come from a field that is not exported. All that is encoded has an address.
func readable(value reflect.Value) reflect.Value {
	if value.CanInterface() {
		return value
	}
	return reflect.NewAt(value.Type(), unsafe.Pointer(value.UnsafeAddr())).Elem()
}

// dynamic encodes what an interface holds, with its type.
func (to *encoder) dynamic(value reflect.Value) {
	if value.IsNil() {
		to.text("")
		return
	}
	inside := readable(value).Elem()
	if name, known := nameOf(inside.Type()); known {
		to.text(name)
		addressed := reflect.New(inside.Type()).Elem()
		addressed.Set(inside)
		to.value(addressed)
		return
	}
	if problem, is := inside.Interface().(error); is {
		to.problem(problem)
		return
	}
	panic(inseparable{"a value of type " + inside.Type().String()})
}

func (to *encoder) problem(problem error) {
	for name, each := range sentinels {
		if each == problem {
			to.text("!sentinel")
			to.text(name)
			return
		}
	}
	number, comparable := uint64(0), reflect.TypeOf(problem).Comparable()
	if comparable {
		number = faults[problem]
	}
	if number == 0 {
		number = next()
		errors[number] = problem
		if comparable {
			faults[problem] = number
		}
	}
	if _, is := problem.(runtime.Error); is {
		to.text("!runtime")
	} else {
		to.text("!error")
	}
	var inside error
	if wraps, is := problem.(interface{ Unwrap() error }); is {
		inside = wraps.Unwrap()
	}
	kind, cause := reflect.TypeOf(problem).String(), ""
	if inside != nil && answering { // beside the tests, this may be one that asks the answer for its words
		cause = inside.Error()
	}
	to.text(kind)
	to.text(cause)
	to.whole(number)
	to.text(problem.Error())
	to.value(reflect.ValueOf(&inside).Elem())
}
