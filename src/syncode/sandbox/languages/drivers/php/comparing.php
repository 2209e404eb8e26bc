<?php
// What tests in PHP compare with: counted assertions, and an `==` for which `true` is not equal to almost everything.
final class SyncodeTests {
    private static $done = 0;

    /** Returns the text of tests in which assertions and comparisons are ours. */
    static function prepared(string $tests): string {
        $tests = preg_replace('/(?<![\w>:$])(?<!function )\\\\?assert\s*\(/', '\SyncodeTests::check(', $tests);
        return function_exists('token_get_all') ? self::exactly($tests) : $tests;
    }

    static function done(): int { return self::$done; }

    static function check(mixed $good, mixed $message = null): bool {
        if (!$good) throw $message instanceof Throwable ? $message : new AssertionError($message ?? 'Assertion failed');
        self::$done++;
        return true;
    }

    /** Compares as `==` does, but `true` equals only what is true or one: it would equal almost all. */
    static function same(mixed $one, mixed $other): bool {
        if (is_array($one) && is_array($other)) {
            if (count($one) !== count($other)) return false;
            foreach ($one as $name => $value) {
                if (!array_key_exists($name, $other) || !self::same($value, $other[$name])) return false;
            }
            return true;
        }
        if ($one === true || $other === true) return in_array($one === true ? $other : $one, [true, 1, 1.0, '1'], true);
        if (is_object($one) && is_object($other) && class_exists('SyncodePeer', false)) SyncodePeer::compared($one, $other);
        return $one == $other;
    }

    /** Calls `same` for `==` and `!=` between two simple operands. */
    private static function exactly(string $text): string {
        $words = array_map(fn($token) => is_array($token) ? $token[1] : $token, $tokens = token_get_all($text));
        $blank = fn($at) => is_array($tokens[$at]) && in_array($tokens[$at][0], [T_WHITESPACE, T_COMMENT], true);
        $part = fn($at) => is_array($tokens[$at]) && in_array($tokens[$at][0], [T_STRING, T_VARIABLE, T_LNUMBER, T_DNUMBER,
            T_CONSTANT_ENCAPSED_STRING, T_NAME_QUALIFIED, T_NAME_FULLY_QUALIFIED, T_OBJECT_OPERATOR, T_DOUBLE_COLON, T_ARRAY], true);
        $walk = function ($at, $step) use ($words, $blank, $part) {  // past one operand; returns the place of the last token of it
            [$open, $close] = $step > 0 ? ['([', ')]'] : [')]', '(['];
            [$depth, $last] = [0, null];
            for (; isset($words[$at]); $at += $step) {
                $word = $words[$at];
                if ($word !== '' && strlen($word) === 1 && str_contains($open, $word)) $depth++;
                elseif (strlen($word) === 1 && str_contains($close, $word)) {
                    if ($depth-- === 0) break;
                } elseif (!$depth && !$part($at) && !$blank($at) && !($step > 0 && $last === null && $word === '-')) break;
                if (!$blank($at)) $last = $at;
            }
            while (isset($words[$at]) && $blank($at)) $at += $step;
            return [$last, $depth < 0 ? ($step > 0 ? ')' : '(') : ($words[$at] ?? ';')];
        };
        $before = ['(', '[', ',', ';', '{', '}', '!', '&&', '||', '=', '=>', '?', ':', 'return', '{', 'and', 'or', 'echo', '<?php'];
        $after = [')', ']', ',', ';', '&&', '||', '?', ':', 'and', 'or'];
        foreach ($tokens as $at => $token) {
            if (!is_array($token) || !in_array($token[0], [T_IS_EQUAL, T_IS_NOT_EQUAL], true)) continue;
            [$left, $first] = $walk($at - 1, -1);
            [$right, $next] = $walk($at + 1, 1);
            if ($left === null || $right === null || !in_array(trim($first), $before, true) || !in_array($next, $after, true)) continue;
            $words[$left] = ($token[0] === T_IS_EQUAL ? '' : '!') . '\SyncodeTests::same(' . $words[$left];
            $words[$at] = ',';
            $words[$right] .= ')';
        }
        return implode($words);
    }
}
