<?php
// The half of the tests: `php apart_tests.php tests.php LEAST`. Nothing of the answer is here but what stands for it. Exit codes are
// those of cell/outcome.py.
require __DIR__ . '/comparing.php';
require __DIR__ . '/apart.php';

final class SyncodeExam {
    const FAILED = 101, GONE = 106, INSEPARABLE = 107, SILENT = 108;
    const LOOKING = ['print_r', 'var_dump', 'var_export', 'get_object_vars', 'get_mangled_object_vars', 'get_class_methods', 'property_exists',
        'serialize', 'spl_object_id', 'spl_object_hash', 'iterator_apply', 'debug_zval_refcount', 'settype', 'get_class_vars', 'http_build_query',
        'is_iterable', 'array_walk', 'is_callable'];

    private static $ask, $tell, $key, $least, $ended = false, $used = false, $words = [], $own = [], $variables = [];

    static function begin(string $file, int $least): string {
        self::$ask = fopen('php://fd/4', 'w');
        self::$tell = fopen('php://fd/3', 'r');
        fwrite(self::$ask, '?');
        self::$key = substr(fgets(self::$tell), 0, 32);
        self::$least = $least;
        register_shutdown_function(self::left(...));
        set_error_handler(self::warned(...));
        if (!function_exists('token_get_all')) self::stop(self::INSEPARABLE, 'this PHP has no tokenizer');
        $text = file_get_contents($file);
        unlink($file);
        $text = self::prepared(SyncodeTests::prepared($text));
        SyncodePeer::begin(self::$own, self::stop(...));
        self::meet(SyncodePeer::receive());
        return substr($text, strlen('<?php'));
    }

    static function stop(int $code, string $why): never {
        self::$ended = true;
        fwrite(STDERR, substr(preg_replace('/\s+/', ' ', $why), 0, 300) . "\n");
        exit($code);
    }

    /** Returns the tests with what ends, asserts, or looks into objects replaced; notes the words and what is defined in them. */
    private static function prepared(string $text): string {
        $text = preg_replace('/\bexit\s*(?:\(\s*0?\s*\))?\s*;\s*(?:\?>\s*)?\z/i', '', $text);
        $tokens = PhpToken::tokenize($text);
        $solid = fn($at, $step) => self::solid($tokens, $at, $step);
        [$depth, $bodies, $opening, $out] = [0, [], false, ''];
        foreach ($tokens as $at => $token) {
            $word = $token->text;
            if (!$token->isIgnorable()) {
                preg_match_all('/[A-Za-z_\x80-\xff][\w\x80-\xff]*/', $word, $found);
                foreach ($found[0] as $each) self::$words[strtolower($each)] = true;
            }
            [$before, $after] = [$solid($at, -1), $solid($at, 1)];
            if ($token->is(T_VARIABLE)) self::$variables[substr($word, 1)] ??= $after?->text === '=' || $before?->is(T_AS);
            if ($token->is([T_CURLY_OPEN, T_DOLLAR_OPEN_CURLY_BRACES]) || $word === '{') {
                $depth++;
                if ($opening) $bodies[] = $depth;
                $opening = false;
            } elseif ($word === '}') {
                if (end($bodies) === $depth) array_pop($bodies);
                $depth--;
            }
            if ($token->is([T_CLASS, T_INTERFACE, T_TRAIT, T_ENUM]) && !in_array($before?->text, ['::', '->'], true)) {
                $opening = true;
                if ($after?->is(T_STRING)) self::$own[strtolower($after->text)] = true;
            } elseif ($token->is(T_FUNCTION) && !$bodies && $before?->id !== T_USE) {
                $name = $after?->text === '&' ? null : $after;
                if ($name?->is(T_STRING)) self::$own[strtolower($name->text)] = true;
            }
            $called = $after?->text === '(' && !in_array($before?->id, [T_FUNCTION, T_OBJECT_OPERATOR, T_NULLSAFE_OBJECT_OPERATOR, T_DOUBLE_COLON, T_NEW], true);
            $plain = strtolower(ltrim($word, '\\'));
            if ($token->is(T_EXIT)) $word = '\SyncodeExam::leave' . ($after?->text === '(' ? '' : '()');
            elseif ($called && $token->is([T_STRING, T_NAME_FULLY_QUALIFIED]) && in_array($plain, self::LOOKING, true)) $word = "\\SyncodeExam::$plain";
            $out .= $word;
        }
        return $out;
    }

    private static function solid(array $tokens, int $at, int $step): ?PhpToken {
        for ($at += $step; isset($tokens[$at]) && $tokens[$at]->isIgnorable(); $at += $step);
        return $tokens[$at] ?? null;
    }

    /** Puts something in the place of each name of the answer that neither the language nor the tests have. */
    private static function meet(string $in): void {
        [$at, $objects] = [1, []];
        if ($in[0] === 'S') self::stop(self::INSEPARABLE, substr($in, 1));
        try {
            [$functions, $classes, $constants, $variables] = SyncodePeer::take($in, $at, $objects);
            foreach ($variables as $name) {
                if ((self::$variables[$name] ?? true) === false) self::stop(self::INSEPARABLE, "the tests read $$name, which the answer has set");
            }
            self::stand_for($functions, $classes, $constants);
        } catch (TypeError | ValueError $problem) {
            SyncodePeer::foreign($problem->getMessage());
        }
    }

    private static function stand_for(array $functions, array $classes, array $constants): void {
        $short = SyncodePeer::short(...);
        SyncodePeer::$told = array_change_key_case($classes);
        $taken = false;
        foreach ($functions as [$name, $how]) {
            if (!is_string($name) || str_starts_with($name, '{') || str_contains($name, '{closure')) continue;
            if (stripos($name, 'syncode') !== false || isset(self::$own[$short($name)])) continue;
            if (function_exists($short($name))) {
                $taken = $taken || isset(self::$words[$short($name)]);
                continue;
            }
            self::$used = self::$used || isset(self::$words[$short($name)]);
            $cut = strrpos($name, '\\');
            if (!preg_match(SyncodePeer::NAME, $name)) SyncodePeer::foreign('a name that is none');
            eval('namespace ' . ($cut === false ? '' : substr($name, 0, $cut)) . ' { '
                . SyncodePeer::code($how, $cut === false ? $name : substr($name, $cut + 1), "'call', " . var_export($name, true), 'null') . ' }');
        }
        foreach ($classes as $name => $told) {
            if (stripos((string) $name, 'syncode') !== false) continue;
            $last = $short($name);
            if ($last !== strtolower($name) && (class_exists($last) || interface_exists($last))) {
                if (isset(self::$words[$last])) self::stop(self::INSEPARABLE, "the answer has a $last of its own");
                continue;
            }
            if (isset(self::$own[$last])) continue;
            self::$used = self::$used || isset(self::$words[$last]);
            if (is_array($told) && (isset(self::$words[$last]) || $told['kind'] === 'enum')) SyncodePeer::stub($told, $name);
        }
        foreach ($constants as $name => $value) {
            $last = substr($name, (int) strrpos("\\$name", '\\'));
            if (defined($last) || !preg_match(SyncodePeer::NAME, $name) || !isset(self::$words[strtolower($last)]) || isset(self::$own[strtolower($last)])) continue;
            if (!SyncodePeer::plain($value)) SyncodePeer::foreign('a constant that is no data');
            self::$used = true;
            define($name, $value);
        }
        if ($taken && !self::$used) self::stop(self::INSEPARABLE, 'the answer defines anew what the tests call');
    }

    static function leave(int|string $code = 0): never {
        if ($code === 0) {  // the tests' own: nothing of the answer is here
            self::end();
            exit(0);
        }
        self::failed(is_int($code) ? "exit $code" : ($code === '' ? 'exit' : $code));
    }

    /** Calls a function of the language that looks into objects, unless one of them is the answer's. */
    static function __callStatic(string $name, array $args): mixed {
        if ($name !== 'is_callable' || !is_object($args[0])) foreach ($args as $each) self::sound($name, $each);
        return $name(...$args);
    }

    private static function sound(string $name, mixed $value): void {
        if (is_object($value) && method_exists($value, 'syncodeAdopt')) SyncodePeer::stay("$name looks into an object of the answer");
        if (is_array($value)) foreach ($value as $each) if (!is_scalar($each)) self::sound($name, $each);
    }

    /** Whether the tests say this name of a class. */
    static function names(string $class): bool {
        return isset(self::$words[SyncodePeer::short($class)]);
    }

    static function warned(int $level, string $message): bool {
        if (preg_match('/^Object of class \S+ could not be converted to (?:int|float)/', $message)) self::failed($message);
        if (preg_match('/^Undefined (?:global )?variable|^Indirect modification of overloaded/', $message)) SyncodePeer::stay($message);
        return false;
    }

    private static function report(int $failed, int $errors, int $least = 0): void {
        $done = max(SyncodeTests::done(), $least);
        $total = $done + $failed + $errors;
        fwrite(self::$ask, '{"tests":{"total":' . $total . ',"passed":' . $done . ',"failed":' . $failed . ',"errors":' . $errors
            . '},"asked":' . (SyncodePeer::$decided ? 'true' : 'false') . "}\n");
    }

    static function failed(string $why, bool $error = false): never {
        if (SyncodePeer::$kept) SyncodePeer::stay('the answer holds on to what the tests have given it');
        self::report($error ? 0 : 1, $error ? 1 : 0);
        self::stop($error ? 1 : self::FAILED, $why);
    }

    static function thrown(Throwable $problem): never {
        $said = get_class($problem) . ': ' . $problem->getMessage();
        $far = isset(SyncodePeer::$remote[$problem]);
        if ($problem instanceof ParseError) self::stop(self::INSEPARABLE, $said);
        if (!$far && $problem instanceof Error && preg_match('/^(?:Call to undefined|Class "|Undefined constant|Interface "|Trait "|Enum "|Cannot redeclare|Access to undeclared static)/', $problem->getMessage())) {
            self::stop(self::INSEPARABLE, $said);
        }
        self::failed($problem instanceof AssertionError || $problem->getMessage() !== '' && !$far ? $problem->getMessage() ?: $said : $said,
            $far || ($problem instanceof Error && !$problem instanceof AssertionError));
    }

    private static function left(): void {
        if (self::$ended) return;
        self::$ended = true;
        $last = error_get_last();
        if ($last && str_starts_with($last['message'], 'Allowed memory size')) return;
        if ($last && in_array($last['type'], [E_ERROR, E_COMPILE_ERROR, E_PARSE], true)) self::stop(self::INSEPARABLE, $last['message']);
    }

    static function end(): void {
        if (SyncodePeer::$asked === 0 && !self::$used) self::stop(self::INSEPARABLE, 'the tests ask nothing of the answer');
        if (SyncodeTests::done() === 0 && self::$least === 0) self::stop(self::SILENT, 'nothing was asserted');
        self::report(0, 0, self::$least);
        fwrite(self::$ask, '?');
        fwrite(self::$ask, self::$key . fgets(self::$tell));
        self::$ended = true;
    }
}
function syncode_tests(): string { return SyncodeExam::begin($GLOBALS['argv'][1], (int) $GLOBALS['argv'][2]); }
try {
    eval(syncode_tests());
} catch (Throwable $syncode) {
    SyncodeExam::thrown($syncode);
}
SyncodeExam::end();
