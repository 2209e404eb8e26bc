package main

import (
	"io"
	"os"
	"runtime"
	"strconv"
	"testing"
	"testing/internal/testdeps"
	"time"
)

var syncodeAsk, syncodeTell = os.NewFile(4, "ask"), os.NewFile(3, "tell")

// syncodeKey is read before the variables and the init functions of the answer, for this file comes first.
var syncodeKey = syncodeTold()

func syncodeTold() []byte {
	said := make([]byte, 33)
	syncodeAsk.WriteString("?")
	if _, err := io.ReadFull(syncodeTell, said); err != nil {
		os.Exit(1)
	}
	return said
}

// syncodeTests runs the test functions and ends the program where one has failed.
func syncodeTests(tests []testing.InternalTest) {
	os.Args = os.Args[:1]
	ran := 0
	for place := range tests {
		test := tests[place].F
		tests[place].F = func(t *testing.T) { ran++; test(t) }
	}
	if code := testing.MainStart(testdeps.TestDeps{}, tests, nil, nil, nil).Run(); code != 0 {
		os.Stderr.WriteString("tests failed\n")
		os.Exit(code)
	}
	if ran < len(tests) {
		os.Stderr.WriteString("not all tests were run\n")
		os.Exit(1)
	}
}

// syncodeFinish says the proof: it is called after the tests' main has returned. `total`: how many tests there are, -1 without any;
// `waits`: the tests have goroutines of their own, which have to end.
func syncodeFinish(total int, waits bool) {
	for tries := 0; waits && runtime.NumGoroutine() > 1; tries++ {
		if tries == 200 {
			os.Stderr.WriteString("a goroutine of the tests has not ended\n")
			os.Exit(1)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if total >= 0 {
		number := strconv.Itoa(total)
		syncodeAsk.WriteString("{\"tests\":{\"total\":" + number + ",\"passed\":" + number + "}}\n")
	}
	token := syncodeTold()
	syncodeAsk.Write(append(syncodeKey[:32], token...))
}
