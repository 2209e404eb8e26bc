// Package cross carries calls and values between two programs, one of which holds the tests and the other one the answer.
//
// Both sides know the static type of whatever crosses, so that only values are sent, and what they say is rebuilt in a type of
// the receiver's own. Pointers are objects with a number: both sides hold one of each, and what has changed in it follows each
// message. Functions and errors stay where they are and cross as numbers.
package cross

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"reflect"
	"sync"
)

// Exit codes of the tests' half, as the harness reads them.
const (
	Failed      = 101
	Gone        = 106
	Inseparable = 107
	Silent      = 108
)

const (
	called   = 'c'
	returned = 'r'
	panicked = 'p'
	lacking  = 'l'
	ended    = 'e'
)

// enough is how many calls there may be: more of them take less time in one process (chosen here).
const enough = 50000

// most is how many objects are looked at after each message, whether or not it names them (chosen here).
const most = 1000

type waiting struct {
	arguments []reflect.Value
	results   []reflect.Value
	done      chan outcome
}

type outcome struct {
	kind  byte
	value interface{}
	text  string
}

var (
	input     = bufio.NewReaderSize(os.NewFile(6, "in"), 1<<16)
	output    = os.NewFile(7, "out")
	open      sync.Once
	lock      sync.Mutex // of all below, and of what is written
	answering bool
	number    uint64
	calls     = map[uint64]*waiting{}
	functions = map[string]reflect.Value{}
	gone      = func() { os.Exit(Gone) }
)

// inseparable is what cannot cross.
type inseparable struct{ why string }

func next() uint64 {
	number++
	if answering {
		return 2 * number
	}
	return 2*number + 1
}

func start() { open.Do(func() { go listen() }) }

// Call calls a function of the answer by its name. Arguments and results are given as pointers to them.
func Call(name string, arguments, results []interface{}) {
	start()
	values := make([]reflect.Value, len(arguments))
	for place := range arguments {
		values[place] = reflect.ValueOf(arguments[place]).Elem()
	}
	targets := make([]reflect.Value, len(results))
	for place := range results {
		targets[place] = reflect.ValueOf(results[place]).Elem()
	}
	call(name, 0, values, targets)
}

func call(name string, function uint64, arguments, results []reflect.Value) {
	wait := &waiting{arguments, results, make(chan outcome, 1)}
	why := locked(func() {
		id := next()
		if id > 2*enough {
			panic(inseparable{"the tests call the answer very often"})
		}
		calls[id] = wait
		to := &encoder{}
		to.bytes = append(to.bytes, called)
		to.whole(id)
		to.text(name)
		to.whole(function)
		for _, argument := range arguments {
			if !argument.CanAddr() { // those of a call back
				held := reflect.New(argument.Type()).Elem()
				held.Set(argument)
				argument = held
			}
			to.value(argument)
		}
		to.send()
	})
	if why != "" {
		apart(why)
	}
	switch got := <-wait.done; got.kind {
	case panicked:
		panic(got.value)
	case lacking:
		apart(got.text)
	case ended:
		os.Stderr.WriteString("it ended its goroutine\n")
		os.Exit(1)
	}
}

// apart ends the tests, because they cannot be run apart; what an answer cannot send back it says instead of a result.
func apart(why string) {
	if answering {
		panic(inseparable{why})
	}
	os.Stderr.WriteString(why + "\n")
	os.Exit(Inseparable)
}

// locked runs what encodes; returns why it cannot be done.
func locked(act func()) (why string) {
	lock.Lock()
	defer lock.Unlock()
	defer func() {
		switch found := recover().(type) {
		case nil:
		case inseparable:
			why = found.why
		default:
			why = fmt.Sprintf("a value that cannot be sent: %v", found)
		}
	}()
	act()
	return ""
}

func listen() {
	var size [4]byte
	for {
		if _, err := io.ReadFull(input, size[:]); err != nil {
			gone()
		}
		message, err := io.ReadAll(io.LimitReader(input, int64(binary.LittleEndian.Uint32(size[:]))))
		if err != nil || len(message) != int(binary.LittleEndian.Uint32(size[:])) {
			gone()
		}
		receive(message)
	}
}

func receive(message []byte) {
	defer func() {
		switch found := recover().(type) {
		case nil:
		case inseparable:
			apart(found.why)
		case malformed:
			os.Stderr.WriteString("a malformed message: " + string(found) + "\n")
			os.Exit(1)
		default:
			panic(found)
		}
	}()
	lock.Lock()
	defer lock.Unlock()
	from := &decoder{bytes: message}
	kind := from.byte()
	id := from.whole()
	if kind == called {
		from.call(id)
		return
	}
	wait := calls[id]
	if wait == nil {
		panic(malformed("an answer to nothing"))
	}
	delete(calls, id)
	got := outcome{kind: kind}
	switch kind {
	case returned:
		for place := range wait.results {
			wait.results[place].Set(from.fresh(wait.results[place].Type()))
		}
		from.changed(wait.arguments)
	case panicked:
		got.value = from.fresh(anything).Interface()
		from.changed(wait.arguments)
		if got.value == nil {
			panic(malformed("a panic of nothing"))
		}
		last = got.value
	case lacking:
		got.text = from.text()
	case ended:
	default:
		panic(malformed("of no kind"))
	}
	from.end()
	wait.done <- got
}

// last is the latest panic that came from the other side.
var last interface{}

// call reads a call and answers it in a goroutine of its own.
func (from *decoder) call(id uint64) {
	name, key := from.text(), from.whole()
	function, known := functions[name], name != ""
	if name == "" {
		function, known = made[key], true
	}
	if !known || !function.IsValid() {
		to := &encoder{bytes: []byte{lacking}}
		to.whole(id)
		to.text("the answer has no " + name + " of these types")
		to.send()
		return
	}
	kind := function.Type()
	arguments := make([]reflect.Value, kind.NumIn())
	before := make([]string, kind.NumIn())
	for place := range arguments {
		begin := from.at
		arguments[place] = from.fresh(kind.In(place))
		before[place] = string(from.bytes[begin:from.at])
	}
	from.end()
	go answer(id, function, arguments, before)
}

func answer(id uint64, function reflect.Value, arguments []reflect.Value, before []string) {
	kind, results, value, normal := byte(ended), []reflect.Value(nil), interface{}(nil), false
	defer func() {
		if !normal {
			if value = recover(); value != nil {
				kind = panicked
			}
		}
		why := ""
		if found, cannot := value.(inseparable); cannot {
			why = found.why
		} else {
			why = locked(func() { reply(id, kind, results, value, arguments, before) })
		}
		if why != "" {
			lock.Lock()
			defer lock.Unlock()
			to := &encoder{bytes: []byte{lacking}}
			to.whole(id)
			to.text(why)
			to.send()
		}
	}()
	if function.Type().IsVariadic() {
		results = function.CallSlice(arguments)
	} else {
		results = function.Call(arguments)
	}
	kind, normal = returned, true
}

func reply(id uint64, kind byte, results []reflect.Value, value interface{}, arguments []reflect.Value, before []string) {
	to := &encoder{bytes: []byte{kind}}
	to.whole(id)
	if kind == panicked {
		to.value(reflect.ValueOf(&value).Elem())
	}
	for _, result := range results {
		held := reflect.New(result.Type()).Elem()
		held.Set(result)
		to.value(held)
	}
	if kind != ended {
		for place, argument := range arguments {
			after := &encoder{queue: to.queue}
			if mutable(argument.Type()) {
				after.value(argument)
				to.queue = after.queue
			}
			if len(after.bytes) == 0 || string(after.bytes) == before[place] {
				to.bytes = append(to.bytes, 0)
				continue
			}
			to.bytes = append(append(to.bytes, 1), after.bytes...)
		}
	}
	to.send()
}

func (from *decoder) changed(arguments []reflect.Value) {
	for _, argument := range arguments {
		if from.flag() {
			from.into(argument)
		}
	}
}

// mutable says whether a value of this type can be changed by a function that gets it.
func mutable(kind reflect.Type) bool {
	switch kind.Kind() {
	case reflect.Slice, reflect.Map, reflect.Interface:
		return true
	case reflect.Array:
		return mutable(kind.Elem())
	case reflect.Struct:
		for place := 0; place < kind.NumField(); place++ {
			if mutable(kind.Field(place).Type) {
				return true
			}
		}
	}
	return false
}

// Serve answers calls until the other half is gone.
func Serve(named map[string]interface{}) {
	lock.Lock()
	answering = true
	gone = func() { os.Exit(0) }
	for name, function := range named {
		functions[name] = reflect.ValueOf(function)
	}
	lock.Unlock()
	start()
	select {}
}

// Instance returns the name of a generic function or type with these types; they are given as pointers.
func Instance(name string, types ...interface{}) string {
	name += "["
	for place, each := range types {
		if place > 0 {
			name += ","
		}
		name += reflect.TypeOf(each).Elem().String()
	}
	return name + "]"
}
