package main

import (
	"io"
	"os"
	"testing"
	"testing/internal/testdeps"
)

// syncodeTests runs the test functions and ends the program where one has failed.
func syncodeTests(tests []testing.InternalTest) {
	if code := testing.MainStart(testdeps.TestDeps{}, tests, nil, nil, nil).Run(); code != 0 {
		os.Stderr.WriteString("tests failed\n")
		os.Exit(code)
	}
}

// syncodeFinish asks for the token: it is called after the tests' main has returned.
func syncodeFinish() {
	ask, tell := os.NewFile(4, "ask"), os.NewFile(3, "tell")
	token := make([]byte, 33)
	ask.WriteString("?")
	if _, err := io.ReadFull(tell, token); err == nil {
		ask.Write(token)
	}
}
