// Package examine runs test functions whose answer is in another program.
package examine

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/internal/testdeps"

	"syncode/cross"
)

var place = regexp.MustCompile(`^\s+\w+\.go:\d+: (.+)`)

// Run runs the test functions and ends the program with what came of them.
func Run(tests []testing.InternalTest, least int, waits bool) {
	others := runtime.NumGoroutine()
	os.Args = os.Args[:1]
	results := make([]cross.Result, len(tests))
	var lock sync.Mutex
	for number := range tests {
		number, test := number, tests[number].F
		results[number] = cross.Result{Name: tests[number].Name, State: "error", Reason: "it was not run"}
		note := func(state, reason string) {
			lock.Lock()
			defer lock.Unlock()
			results[number].State, results[number].Reason = state, reason
		}
		tests[number].F = func(t *testing.T) {
			problem := interface{}(nil)
			t.Cleanup(func() {
				switch {
				case problem != nil && cross.Crossed(problem):
					note("error", fmt.Sprintf("panic: %v", problem))
				case problem != nil:
					note("fail", fmt.Sprintf("panic: %v", problem))
				case t.Failed():
					note("fail", "")
				case t.Skipped():
					note("skip", "")
				default:
					note("pass", "")
				}
			})
			defer func() {
				if problem = recover(); problem != nil {
					t.Fail()
				}
			}()
			test(t)
		}
	}
	said := listen()
	testing.MainStart(testdeps.TestDeps{}, tests, nil, nil, nil).Run()
	reasons := said()
	cross.Wait(waits, others)
	for number := range results {
		if each := &results[number]; each.State == "fail" && each.Reason == "" {
			each.Reason = each.Name + ": " + reasons[each.Name]
		}
	}
	if least == 0 {
		results = nil
	}
	cross.Finish(results, len(results))
}

// listen lets all that testing prints go to stderr; the function returned gives the first line that each failed test said.
func listen() func() map[string]string {
	from, to, err := os.Pipe()
	if err != nil {
		return func() map[string]string { return nil }
	}
	before := os.Stdout
	os.Stdout = to
	reasons, done := map[string]string{}, make(chan bool)
	go func() {
		name := ""
		for lines := bufio.NewReader(from); ; {
			line, err := lines.ReadString('\n')
			os.Stderr.WriteString(line)
			if _, rest, found := strings.Cut(line, "--- FAIL: "); found {
				rest, _, _ = strings.Cut(rest, " (")
				name, _, _ = strings.Cut(rest, "/")
			} else if match := place.FindStringSubmatch(line); match != nil && reasons[name] == "" {
				reasons[name] = match[1]
			}
			if err != nil {
				done <- true
				return
			}
		}
	}()
	return func() map[string]string {
		os.Stdout = before
		to.Close()
		<-done
		return reasons
	}
}
