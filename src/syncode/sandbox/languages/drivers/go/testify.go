// Package assert stands in for the parts of testify's assert that published tests call.
package assert

import (
	"fmt"
	"math"
	"reflect"
	"strings"
)

// TestingT is what a test hands over.
type TestingT interface {
	Errorf(format string, arguments ...interface{})
}

// Assertions carries the test, so that calls need not repeat it.
type Assertions struct{ t TestingT }

// New returns the assertions of one test.
func New(t TestingT) *Assertions { return &Assertions{t} }

func report(t TestingT, good bool, format string, arguments ...interface{}) bool {
	if !good {
		t.Errorf("assertion failed: "+format, arguments...)
	}
	return good
}

// ObjectsAreEqual compares as testify does: bytes by content, everything else deeply, types included.
func ObjectsAreEqual(expected, actual interface{}) bool {
	left, ok := expected.([]byte)
	right, both := actual.([]byte)
	if ok && both && left != nil && right != nil {
		return string(left) == string(right)
	}
	return reflect.DeepEqual(expected, actual)
}

func isNil(object interface{}) bool {
	if object == nil {
		return true
	}
	value := reflect.ValueOf(object)
	switch value.Kind() {
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Ptr, reflect.Slice:
		return value.IsNil()
	}
	return false
}

func size(object interface{}) int {
	defer func() { recover() }()
	return reflect.ValueOf(object).Len()
}

func contains(container, element interface{}) bool {
	if text, ok := container.(string); ok {
		return strings.Contains(text, fmt.Sprint(element))
	}
	value := reflect.ValueOf(container)
	if value.Kind() == reflect.Map {
		for _, key := range value.MapKeys() {
			if ObjectsAreEqual(key.Interface(), element) {
				return true
			}
		}
		return false
	}
	for index := 0; index < value.Len(); index++ {
		if ObjectsAreEqual(value.Index(index).Interface(), element) {
			return true
		}
	}
	return false
}

func number(object interface{}) float64 {
	value := reflect.ValueOf(object)
	switch {
	case value.CanInt():
		return float64(value.Int())
	case value.CanUint():
		return float64(value.Uint())
	case value.CanFloat():
		return value.Float()
	}
	return math.NaN()
}

func panics(call func()) (did bool) {
	defer func() { did = recover() != nil }()
	call()
	return false
}

func Equal(t TestingT, expected, actual interface{}, _ ...interface{}) bool {
	return report(t, ObjectsAreEqual(expected, actual), "expected %#v, got %#v", expected, actual)
}
func EqualValues(t TestingT, expected, actual interface{}, _ ...interface{}) bool {
	same := ObjectsAreEqual(expected, actual) || number(expected) == number(actual)
	return report(t, same, "expected %#v, got %#v", expected, actual)
}
func NotEqual(t TestingT, expected, actual interface{}, _ ...interface{}) bool {
	return report(t, !ObjectsAreEqual(expected, actual), "both are %#v", actual)
}
func True(t TestingT, value bool, _ ...interface{}) bool  { return report(t, value, "not true") }
func False(t TestingT, value bool, _ ...interface{}) bool { return report(t, !value, "not false") }
func Nil(t TestingT, object interface{}, _ ...interface{}) bool {
	return report(t, isNil(object), "not nil: %#v", object)
}
func NotNil(t TestingT, object interface{}, _ ...interface{}) bool {
	return report(t, !isNil(object), "nil")
}
func Error(t TestingT, err error, _ ...interface{}) bool   { return report(t, err != nil, "no error") }
func NoError(t TestingT, err error, _ ...interface{}) bool { return report(t, err == nil, "%v", err) }
func Empty(t TestingT, object interface{}, _ ...interface{}) bool {
	return report(t, isNil(object) || size(object) == 0, "not empty: %#v", object)
}
func Len(t TestingT, object interface{}, length int, _ ...interface{}) bool {
	return report(t, size(object) == length, "length %d, not %d", size(object), length)
}
func Contains(t TestingT, container, element interface{}, _ ...interface{}) bool {
	return report(t, contains(container, element), "%#v does not contain %#v", container, element)
}
func InDelta(t TestingT, expected, actual interface{}, delta float64, _ ...interface{}) bool {
	return report(t, math.Abs(number(expected)-number(actual)) <= delta, "expected %v, got %v", expected, actual)
}
func ElementsMatch(t TestingT, left, right interface{}, _ ...interface{}) bool {
	same := size(left) == size(right)
	for index := 0; same && index < size(left); index++ {
		same = contains(right, reflect.ValueOf(left).Index(index).Interface())
	}
	return report(t, same, "%#v and %#v differ", left, right)
}
func Panics(t TestingT, call func(), _ ...interface{}) bool {
	return report(t, panics(call), "no panic")
}

func (a *Assertions) Equal(expected, actual interface{}, _ ...interface{}) bool {
	return Equal(a.t, expected, actual)
}
func (a *Assertions) EqualValues(expected, actual interface{}, _ ...interface{}) bool {
	return EqualValues(a.t, expected, actual)
}
func (a *Assertions) NotEqual(expected, actual interface{}, _ ...interface{}) bool {
	return NotEqual(a.t, expected, actual)
}
func (a *Assertions) True(value bool, _ ...interface{}) bool         { return True(a.t, value) }
func (a *Assertions) False(value bool, _ ...interface{}) bool        { return False(a.t, value) }
func (a *Assertions) Nil(object interface{}, _ ...interface{}) bool  { return Nil(a.t, object) }
func (a *Assertions) NotNil(object interface{}, _ ...interface{}) bool { return NotNil(a.t, object) }
func (a *Assertions) Error(err error, _ ...interface{}) bool         { return Error(a.t, err) }
func (a *Assertions) NoError(err error, _ ...interface{}) bool       { return NoError(a.t, err) }
func (a *Assertions) Empty(object interface{}, _ ...interface{}) bool { return Empty(a.t, object) }
func (a *Assertions) Len(object interface{}, length int, _ ...interface{}) bool {
	return Len(a.t, object, length)
}
func (a *Assertions) Contains(container, element interface{}, _ ...interface{}) bool {
	return Contains(a.t, container, element)
}
func (a *Assertions) InDelta(expected, actual interface{}, delta float64, _ ...interface{}) bool {
	return InDelta(a.t, expected, actual, delta)
}
func (a *Assertions) ElementsMatch(left, right interface{}, _ ...interface{}) bool {
	return ElementsMatch(a.t, left, right)
}
func (a *Assertions) Panics(call func(), _ ...interface{}) bool { return Panics(a.t, call) }
