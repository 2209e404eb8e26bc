<?php
// Both halves of a pair. `answer`: loads the answer and does what it is asked for. `tests`: declares the answer's functions and classes
// anew, each of which asks for what it does, and runs the tests; exit codes are those of cell/outcome.py. Messages: a size, then values,
// each a letter and its bytes. Arrays and stdClass are data; closures, generators and other objects stay where they are.
final class SyncodeStay extends Error {}

final class SyncodePeer {
    public static string $role = '', $absent = '';
    public static bool $asked = false, $objects = false;
    public static ?Throwable $remote = null;
    private static $in, $out, $own = [], $numbers, $proxies = [], $homes, $kept = [];

    static function begin(string $role): void {
        [self::$role, self::$numbers, self::$homes] = [$role, new WeakMap, new WeakMap];
        [self::$in, self::$out] = [fopen('php://fd/6', 'rb'), fopen('php://fd/7', 'wb')];
        self::$absent = "\0syncode" . bin2hex(random_bytes(8));
    }

    static function stop(int $code, string $why): never {
        fwrite(STDERR, substr(preg_replace('/\s+/', ' ', $why), 0, 300) . "\n");
        SyncodeEnd::$known = true;
        exit($code);
    }

    static function stay(string $why): never {
        if (self::$role === 'tests') self::stop(107, $why);
        throw new SyncodeStay($why);
    }

    static function send(string $body): void {
        $data = pack('V', strlen($body)) . $body;
        for ($sent = 0; $sent < strlen($data); $sent += $count) {
            $count = fwrite(self::$out, $sent ? substr($data, $sent) : $data);
            if (!$count) exit(1);
        }
        fflush(self::$out);
    }

    static function receive(): ?string {
        $head = self::exactly(4);
        return $head === null ? null : self::exactly(unpack('V', $head)[1]);
    }

    private static function exactly(int $size): ?string {
        $data = '';
        while (strlen($data) < $size) {
            $part = fread(self::$in, $size - strlen($data));
            if ($part === false || $part === '') return null;
            $data .= $part;
        }
        return $data;
    }

    /** Names what stays on this side. */
    static function lend(object $value): int {
        if (!isset(self::$numbers[$value])) {
            self::$own[] = $value;
            self::$numbers[$value] = count(self::$own);
        }
        return self::$numbers[$value];
    }

    static function home(object $value): ?int { return self::$homes[$value] ?? null; }

    static function compared(object $one, object $other): void {
        if (self::home($one) !== null && self::home($other) !== null) self::stay('objects of the answer are compared');
    }

    static function settle(object $value, int $number): void {
        self::$homes[$value] = $number;
        if (property_exists($value, 'syncode_number')) $value->syncode_number = $number;  // `==` compares properties
        self::$proxies[$number] = WeakReference::create($value);
    }

    static function encode(mixed $value): string {
        if ($value === null) return 'N';
        if (is_bool($value)) return $value ? 'T' : 'F';
        if (is_int($value)) return 'I' . pack('q', $value);
        if (is_float($value)) return 'D' . pack('e', $value);
        if (is_string($value)) return 'S' . pack('V', strlen($value)) . $value;
        if (is_array($value)) return 'L' . self::pairs($value);
        if (!is_object($value)) self::stay('a ' . gettype($value) . ' crosses');
        if (($home = self::home($value)) !== null) return 'B' . pack('V', $home);
        if (get_class($value) === 'stdClass') return 'O' . self::pairs(get_object_vars($value));
        if (in_array(get_class($value), ['DateTime', 'DateTimeImmutable'], true)) {
            return 'X' . self::encode([get_class($value), $value->format('Y-m-d\TH:i:s.u'), $value->getTimezone()->getName()]);
        }
        $kind = $value instanceof Closure ? 'c' : ($value instanceof Generator ? 'g' : 'o');
        $class = $kind === 'o' ? get_class($value) : '';
        if ($kind === 'o' && !(new ReflectionClass($value))->isUserDefined()) self::stay("an object of $class crosses");
        if (str_contains($class, '@anonymous')) $class = '';
        return 'H' . pack('V', self::lend($value)) . $kind . self::encode($class);
    }

    private static function pairs(array $values): string {
        $body = pack('V', count($values));
        foreach ($values as $name => $value) $body .= self::encode($name) . self::encode($value);
        return $body;
    }

    static function decode(string $text, int &$at): mixed {
        $letter = $text[$at] ?? '';
        $at++;
        switch ($letter) {
            case 'N': return null;
            case 'T': return true;
            case 'F': return false;
            case 'I': $at += 8; return unpack('q', $text, $at - 8)[1];
            case 'D': $at += 8; return unpack('e', $text, $at - 8)[1];
            case 'X':
                $said = self::decode($text, $at);
                return $said[0] === 'DateTime' ? new DateTime($said[1], new DateTimeZone($said[2])) : new DateTimeImmutable($said[1], new DateTimeZone($said[2]));
        }
        if (!in_array($letter, ['S', 'L', 'O', 'B', 'H'], true) || strlen($text) < $at + 4) throw new UnexpectedValueException('malformed');
        $number = unpack('V', $text, $at)[1];
        $at += 4;
        if ($letter === 'S') {
            if (strlen($text) < $at + $number) throw new UnexpectedValueException('malformed');
            $at += $number;
            return substr($text, $at - $number, $number);
        }
        if ($letter === 'B') return self::$own[$number - 1] ?? throw new UnexpectedValueException('malformed');
        if ($letter === 'H') {
            $kind = $text[$at++];
            return self::borrow($number, $kind, (string) self::decode($text, $at));
        }
        $made = [];
        while ($number-- > 0) {
            $name = self::decode($text, $at);
            if (!is_int($name) && !is_string($name)) throw new UnexpectedValueException('malformed');
            $made[$name] = self::decode($text, $at);
        }
        return $letter === 'L' ? $made : (object) $made;
    }

    static function all(string $text, int $at): array {
        $values = [];
        while ($at < strlen($text)) $values[] = self::decode($text, $at);
        return $values;
    }

    private static function borrow(int $number, string $kind, string $class): object {
        $known = isset(self::$proxies[$number]) ? self::$proxies[$number]->get() : null;
        if ($known !== null) return $known;
        if ($kind === 'c') $made = function (...$words) use ($number) { return self::ask(['call', $number], $words); };
        elseif ($kind === 'g') $made = self::steps($number);
        elseif ($kind === 'o') {
            self::$objects = true;
            $name = $class !== '' && isset(SyncodeNames::$classes[strtolower($class)]) ? $class : SyncodeObject::class;
            $made = (new ReflectionClass($name))->newInstanceWithoutConstructor();
        } else throw new UnexpectedValueException('malformed');
        self::settle($made, $number);
        if ($kind === 'c') self::$kept[] = $made;
        return $made;
    }

    private static function steps(int $number): Generator {
        $state = self::ask(['step', $number], [0, null]);
        while ($state[0]) {
            $sent = yield $state[1] => $state[2];
            $state = self::ask(['step', $number], [$sent === null ? 1 : 2, $sent]);
        }
        return $state[3];
    }

    /** Has the other side do something with these words; returns or throws what it does. Words that it has changed are changed here. */
    static function ask(array $what, array $words, array $places = []): mixed {
        self::$asked = true;
        $sent = self::encode($words);
        self::send('Q' . self::encode($what) . $sent);
        while (true) {
            $reply = self::receive();
            if ($reply === null) self::$role === 'tests' ? self::stop(106, 'the process of the answer has ended') : exit(0);
            $letter = $reply[0] ?? '';
            if ($letter === 'Q') {
                self::serve($reply);
                continue;
            }
            if ($letter === 'S') self::stay(substr($reply, 1));
            try {
                [$changed, $result] = self::all($reply, 1);
            } catch (SyncodeStay $problem) {
                throw $problem;
            } catch (Throwable) {
                self::stop(1, 'a message that is none');
            }
            if (is_array($changed)) self::become($words, $changed);
            if ($letter === 'V') return $result;
            if ($letter !== 'E' || !is_array($result)) self::stop(1, 'a message that is none');
            throw self::thrown($result);
        }
    }

    /** Gives words what has become of them: those given by reference, and the properties of stdClass. */
    private static function become(array &$words, array $changed): void {
        foreach ($changed as $name => $now) {
            if (!array_key_exists($name, $words)) continue;
            $before = $words[$name];
            if ($before instanceof stdClass && $now instanceof stdClass) {
                foreach (array_diff_key(get_object_vars($before), get_object_vars($now)) as $gone => $_) unset($before->$gone);
                foreach (get_object_vars($now) as $key => $value) $before->$key = $value;
            } elseif (!is_object($before)) $words[$name] = $now;
        }
    }

    private static function thrown(array $facts): Throwable {
        [$classes, $message, $code, $number, $own, $previous] = $facts + array_fill(0, 6, null);
        if ($own) return self::$own[$number - 1];
        $known = isset(self::$proxies[$number]) ? self::$proxies[$number]->get() : null;
        if ($known instanceof Throwable) return $known;
        if (preg_match('/undefined (?:function|constant|variable)|valid callback|not callable/i', (string) $message) && self::$role === 'tests') {
            foreach (get_defined_functions()['user'] as $name) if (stripos($message, $name) !== false && !isset(SyncodeNames::$functions[$name])) self::stay($message);
        }
        $found = 'Exception';
        foreach ($classes as $each) {
            if (is_string($each) && (isset(SyncodeNames::$classes[strtolower($each)]) || (class_exists($each, false) && !(new ReflectionClass($each))->isUserDefined()))) {
                $found = $each;
                break;
            }
        }
        if (!is_a($found, Throwable::class, true)) $found = 'Exception';
        $made = (new ReflectionClass($found))->newInstanceWithoutConstructor();
        $base = $made instanceof Exception ? Exception::class : Error::class;
        foreach (['message' => (string) $message, 'code' => is_int($code) ? $code : 0] as $name => $value) (new ReflectionProperty($base, $name))->setValue($made, $value);
        if (is_array($previous)) (new ReflectionProperty($base, 'previous'))->setValue($made, self::thrown($previous));
        self::settle($made, $number);
        if (self::$role === 'tests') self::$remote = $made;
        return $made;
    }

    private static function facts(Throwable $problem, int $depth = 0): array {
        if (($home = self::home($problem)) !== null) return [[], '', 0, $home, true, null];
        $classes = [get_class($problem), ...array_values(class_parents($problem))];
        $previous = $problem->getPrevious();
        return [$classes, $problem->getMessage(), $problem->getCode(), self::lend($problem), false, $previous && $depth < 8 ? self::facts($previous, $depth + 1) : null];
    }

    /** Does what is asked, and says what came of it. */
    static function serve(string $request): void {
        try {
            [$what, $words] = self::all($request, 1);
        } catch (Throwable) {
            self::stop(1, 'a message that is none');
        }
        $before = self::encode($words);
        try {
            $body = ['V', self::perform($what, $words)];
        } catch (SyncodeStay $problem) {
            self::send('S' . $problem->getMessage());
            return;
        } catch (Throwable $problem) {
            $body = ['E', self::facts($problem)];
        }
        try {
            $after = self::encode($words);
            self::send($body[0] . ($after === $before ? 'N' : $after) . self::encode($body[1]));
        } catch (SyncodeStay $problem) {
            self::send('S' . $problem->getMessage());
        }
    }

    private static function perform(array $what, array &$words): mixed {
        [$kind, $target, $name] = $what + [1 => null, 2 => null];
        $object = is_int($target) ? self::$own[$target - 1] : null;
        if ($kind === 'call') return self::apply($object ?? $target, $words);
        if ($kind === 'method') return self::apply([$object, $name], $words);
        if ($kind === 'static') return self::apply([$target, $name], $words);
        if ($kind === 'new') {
            $made = (new ReflectionClass($target))->newInstanceWithoutConstructor();
            if (method_exists($made, '__construct')) {
                if (!(new ReflectionMethod($made, '__construct'))->isPublic()) throw new Error("Call to private $target::__construct() from global scope");
                self::apply([$made, '__construct'], $words);
            }
            return [self::lend($made)];
        }
        if ($kind === 'get') return $object->{$name};
        if ($kind === 'set') return $object->{$name} = $words[0];
        if ($kind === 'isset') return isset($object->{$name});
        if ($kind === 'unset') {
            unset($object->{$name});
            return null;
        }
        if ($kind === 'step') {
            [$how, $sent] = $words;
            if ($how === 1) $object->next();
            if ($how === 2) $object->send($sent);
            return $object->valid() ? [true, $object->key(), $object->current(), null] : [false, null, null, $object->getReturn()];
        }
        throw new Error('no such request');
    }

    private static function apply(mixed $target, array &$words): mixed {
        $given = [];
        foreach ($words as $name => &$value) $given[$name] = &$value;
        return $target(...$given);
    }
}

/** What the tests know of the answer, by name. */
final class SyncodeNames { public static array $classes = [], $functions = []; }

/** Stands for an object of the other side. */
trait SyncodeStandIn {
    public ?int $syncode_number = null;
    private function syncode(string $kind, ?string $name, array $words, array $places = []): mixed {
        return SyncodePeer::ask([$kind, SyncodePeer::home($this), $name], $words, $places);
    }
    public function __call($name, $words) { return $this->syncode('method', $name, $words); }
    public static function __callStatic($name, $words) { return SyncodePeer::ask(['static', static::class, $name], $words); }
    public function __get($name) { return $this->syncode('get', $name, []); }
    public function __set($name, $value) { $this->syncode('set', $name, [$value]); }
    public function __isset($name) { return $this->syncode('isset', $name, []); }
    public function __unset($name) { $this->syncode('unset', $name, []); }
    public function __clone() { SyncodePeer::stay('an object of the answer is copied'); }
    public function __serialize(): array { SyncodePeer::stay('an object of the answer is written down'); }
    public function __debugInfo() { SyncodePeer::stay('an object of the answer is shown'); }
}
class SyncodeObject {
    use SyncodeStandIn;
    public function __invoke(...$words) { return $this->syncode('method', '__invoke', $words); }
}

/** Ends a half that has not said how it ended. */
final class SyncodeEnd {
    public static bool $known = false;
    static function watch(): void {
        if (self::$known) return;
        $problem = error_get_last();
        if ($problem !== null && in_array($problem['type'], [E_ERROR, E_PARSE, E_COMPILE_ERROR, E_CORE_ERROR], true)) exit(107);
        fwrite(STDERR, "Assertion failed: the tests ended by themselves\n");
        exit(101);
    }
}

final class SyncodeAnswer {
    static function main(string $file): void {
        SyncodePeer::begin('answer');
        $classes = [get_declared_classes(), get_declared_interfaces(), get_declared_traits()];
        try {
            require $file;
        } catch (ParseError $problem) {
            SyncodePeer::send('Sthe answer does not parse alone: ' . $problem->getMessage());
            throw $problem;
        }
        $functions = [];
        foreach (get_defined_functions()['user'] as $name) {
            $found = new ReflectionFunction($name);
            if ($found->getFileName() === realpath($file)) $functions[] = [$found->getName(), self::parameters($found), $found->returnsReference()];
        }
        $found = [];
        foreach ([get_declared_classes(), get_declared_interfaces(), get_declared_traits()] as $place => $names) {
            foreach (array_diff($names, $classes[$place]) as $name) if (!str_contains($name, '@anonymous')) $found[] = self::described(new ReflectionClass($name));
        }
        $constants = array_filter(get_defined_constants(true)['user'] ?? [], self::plain(...));
        $body = SyncodePeer::encode([$functions, $found, $constants]);
        SyncodePeer::send("VN$body");
        while (($request = SyncodePeer::receive()) !== null) SyncodePeer::serve($request);
        exit(0);
    }

    private static function plain(mixed $value): bool {
        return is_scalar($value) || $value === null || (is_array($value) && array_filter($value, self::plain(...)) === $value);
    }

    private static function parameters(ReflectionFunctionAbstract $found): array {
        return array_map(fn($each) => [$each->getName(), $each->isPassedByReference(), $each->isVariadic()], $found->getParameters());
    }

    private static function described(ReflectionClass $class): array {
        $kind = $class->isInterface() ? 'interface' : ($class->isTrait() ? 'trait' : ($class->isEnum() ? 'enum' : 'class'));
        $methods = [];
        foreach ($class->getMethods(ReflectionMethod::IS_PUBLIC) as $each) {
            if ($each->getDeclaringClass()->isUserDefined()) $methods[] = [$each->getName(), self::parameters($each), $each->isStatic()];
        }
        $constants = array_filter($class->getConstants(ReflectionClassConstant::IS_PUBLIC), self::plain(...));
        $parent = $class->getParentClass();
        $flags = ($class->isAbstract() && $kind === 'class' ? 'abstract ' : '') . ($class->isFinal() && $kind === 'class' ? 'final ' : '');
        return [$class->getName(), $kind, $parent ? $parent->getName() : '', $class->getInterfaceNames(), $methods, $constants, $flags];
    }
}

final class SyncodeExaminer {
    private const NAME = '/\A[A-Za-z_\x80-\xff][\w\x80-\xff]*\z/';
    private static array $taken = [];

    static function main(string $file, int $least): void {
        $ask = fopen('php://fd/4', 'w');
        $tell = fopen('php://fd/3', 'r');
        fwrite($ask, '?');
        $key = substr(fgets($tell), 0, 32);
        $tests = file_get_contents($file);
        unlink($file);
        SyncodePeer::begin('tests');
        register_shutdown_function(SyncodeEnd::watch(...));
        $hello = SyncodePeer::receive();
        if ($hello === null) SyncodePeer::stop(106, 'the process of the answer has ended');
        if ($hello[0] === 'S') SyncodePeer::stop(107, substr($hello, 1));
        define('SYNCODE_ABSENT', SyncodePeer::$absent);
        try {
            [, [$functions, $classes, $constants]] = SyncodePeer::all($hello, 1);
            $text = self::declared($functions, $classes, $constants, $tests);
        } catch (Throwable $problem) {
            SyncodePeer::stop(1, 'a message that is none');
        }
        foreach ($text as $each) eval($each);
        set_error_handler(function ($level, $message) {
            if (str_contains($message, 'could not be converted')) SyncodePeer::stop(107, $message);
            return false;
        });
        $report = function (int $failed, int $errors) use ($ask, $least) {
            $passed = $failed + $errors ? SyncodeTests::done() : max(SyncodeTests::done(), $least);
            $total = $passed + $failed + $errors;
            fwrite($ask, "{\"tests\":{\"total\":$total,\"passed\":$passed,\"failed\":$failed,\"errors\":$errors,\"skipped\":0}}\n");
        };
        try {
            (static function () use ($tests) { SyncodeRun::text('?>' . SyncodeTests::prepared($tests)); })();
        } catch (ParseError $problem) {
            SyncodePeer::stop(103, $problem->getMessage());
        } catch (Throwable $problem) {
            $inside = $problem === SyncodePeer::$remote;
            $why = get_class($problem) . ': ' . $problem->getMessage();
            if (!$inside && ($problem instanceof TypeError || preg_match('/^(?:Call to|Undefined|Class|Cannot|Access|Attempt|Unsupported)/', $problem->getMessage()))) {
                if (preg_match('/PHPUnit|Failed opening required/', $why)) SyncodePeer::stop(1, $why);
                if ($problem instanceof Error && !$problem instanceof AssertionError) SyncodePeer::stop(107, $why);
            }
            if (SyncodePeer::$objects) SyncodePeer::stop(107, "objects of the answer are in it: $why");
            if (!SyncodePeer::$asked) SyncodePeer::stop(107, 'the tests ask nothing of the answer');
            $report($inside ? 0 : 1, $inside ? 1 : 0);
            SyncodePeer::stop($inside ? 1 : 101, $why);
        }
        if (SyncodeTests::done() === 0 && $least === 0) SyncodePeer::stop(108, 'nothing was asserted');
        if (!SyncodePeer::$asked) SyncodePeer::stop(107, 'the tests ask nothing of the answer');
        $report(0, 0);
        fwrite($ask, '?');
        fwrite($ask, $key . fgets($tell));
        SyncodeEnd::$known = true;
    }

    private static function split(string $name): array {
        $parts = explode('\\', $name);
        foreach ($parts as $part) if (!preg_match(self::NAME, $part)) throw new UnexpectedValueException('malformed');
        $short = array_pop($parts);
        return [implode('\\', $parts), $short];
    }

    /** Returns the texts that declare what the answer has, made of names that have been checked and nothing else. */
    private static function declared(array $functions, array $classes, array $constants, string $tests): array {
        $made = $free = [];
        foreach ($functions as [$name, $parameters, $reference]) {
            [$space, $short] = self::split($name);
            if (function_exists($short) || preg_match("/function\s+&?\s*$short\s*\(/i", $tests)) {
                self::$taken[] = $short;
                continue;
            }
            if (preg_match('/\A(?:assert\w*|check|expect|test|it|describe|fail|verify|should)\z/i', $short) && preg_match("/(?<![\\w>:\$])$short\s*\(/i", $tests)) {
                SyncodePeer::stop(107, "the tests do not define $short");
            }
            $free[] = $short;
            SyncodeNames::$functions[strtolower($name)] = true;
            $made[] = self::inside($space, 'function ' . ($reference ? '&' : '') . "$short" . self::body($parameters, "['call', " . var_export($name, true) . ']', $reference));
        }
        foreach ($constants as $name => $value) {
            self::split((string) $name);
            if (!defined($name)) define($name, $value);
        }
        $known = [];
        foreach ($classes as $each) $known[strtolower($each[0])] = $each;
        foreach ($known as $name => $each) self::declare_class($name, $known, $made);
        foreach (self::$taken as $name) {
            if (preg_match('/(?<![\w>:$])' . $name . '\s*\(/i', $tests) && !array_filter($free, fn($each) => preg_match('/(?<![\w>:$])' . $each . '\s*\(/i', $tests)) && !$known) {
                SyncodePeer::stop(107, 'the answer defines anew what the tests call');
            }
        }
        return $made;
    }

    private static function inside(string $space, string $text): string { return ($space === '' ? '' : "namespace $space; ") . $text; }

    private static function body(array $parameters, string $what, bool $reference = false): string {
        $list = $given = $back = [];
        foreach ($parameters as [$name, $by, $variadic]) {
            if (!preg_match(self::NAME, $name)) throw new UnexpectedValueException('malformed');
            $list[] = ($by ? '&' : '') . ($variadic ? '...' : '') . "\$$name" . ($variadic ? '' : ' = \SYNCODE_ABSENT');
            $given[] = $variadic ? "foreach (\$$name as \$syncode_key => " . ($by ? '&' : '') . "\$syncode_each) { if (is_int(\$syncode_key)) \$syncode_words[] = &\$syncode_each; else \$syncode_words[\$syncode_key] = &\$syncode_each; unset(\$syncode_each); }"
                : "if (\$$name !== \SYNCODE_ABSENT) { if (\$syncode_named) \$syncode_words['$name'] = &\$$name; else \$syncode_words[] = &\$$name; } else \$syncode_named = true;";
        }
        $rest = array_filter($parameters, fn($each) => $each[2]) ? '' : 'foreach (array_slice(func_get_args(), ' . count($parameters) . ') as $syncode_each) $syncode_words[] = $syncode_each;';
        return '(' . implode(', ', $list) . ") { \$syncode_words = []; \$syncode_named = false; " . implode(' ', $given) . " $rest \$syncode_result = \SyncodeCall::ask($what, \$syncode_words); return \$syncode_result; }";
    }

    private static function declare_class(string $name, array $known, array &$made): void {
        if (isset(SyncodeNames::$classes[$name]) || !isset($known[$name])) return;
        [$full, $kind, $parent, $interfaces, $methods, $constants, $flags] = $known[$name];
        [$space, $short] = self::split($full);
        if ($kind === 'trait' || $kind === 'enum' || class_exists($full, false) || interface_exists($full, false)) return;
        SyncodeNames::$classes[$name] = true;
        foreach ([$parent, ...$interfaces] as $each) self::declare_class(strtolower($each), $known, $made);
        $of = [];
        foreach ($interfaces as $each) {
            self::split($each);
            if (isset(SyncodeNames::$classes[strtolower($each)]) || interface_exists($each, false)) $of[] = "\\$each";
        }
        $of = array_values(array_diff($of, ['\UnitEnum', '\BackedEnum', '\Throwable', '\Stringable']));
        $body = '';
        foreach ($constants as $each => $value) {
            if (preg_match(self::NAME, (string) $each)) $body .= "public const $each = " . var_export($value, true) . '; ';
        }
        if ($kind === 'interface') {
            $made[] = self::inside($space, "interface $short" . ($of ? ' extends ' . implode(', ', $of) : '') . ' {}');
            return;
        }
        $flags = in_array($flags, ['', 'abstract ', 'final '], true) ? $flags : '';
        $above = '';
        if ($parent !== '') {
            self::split($parent);
            if (isset(SyncodeNames::$classes[strtolower($parent)]) || is_a($parent, Throwable::class, true)) $above = " extends \\$parent";
            else SyncodePeer::stop(107, "a class of the answer extends $parent");
        }
        $error = is_a($parent, Throwable::class, true);
        for ($each = $known[strtolower($parent)] ?? null; $each && !$error; $each = $known[strtolower($each[2])] ?? null) $error = is_a($each[2], Throwable::class, true);
        $body .= $above === '' || ($error && !isset(SyncodeNames::$classes[strtolower($parent)])) ? 'use \SyncodeStandIn; ' : '';
        $has = array_column($methods, null, 0);
        if (!$error || isset($has['__construct'])) {
            $made_by = self::body($has['__construct'][1] ?? [], "['new', self::class]");
            $body .= 'public function __construct' . str_replace('$syncode_result = \SyncodeCall::ask([\'new\', self::class], $syncode_words); return $syncode_result;', '\SyncodeCall::made($this, ' . var_export($full, true) . ', static::class, $syncode_words);', $made_by) . ' ';
        }
        foreach ($methods as [$method, $parameters, $static]) {
            if (!preg_match(self::NAME, $method) || in_array(strtolower($method), ['__construct', '__get', '__set', '__isset', '__unset', '__call', '__callstatic', '__clone', '__debuginfo', '__serialize', '__unserialize', '__sleep', '__wakeup', '__set_state', '__destruct'], true)) continue;
            $what = $static ? "['static', static::class, '$method']" : "['method', \SyncodePeer::home(\$this), '$method']";
            $type = $method === '__toString' ? str_replace(') {', '): string {', self::body($parameters, $what)) : self::body($parameters, $what);
            $body .= '#[\ReturnTypeWillChange] public ' . ($static ? 'static ' : '') . "function $method$type ";
        }
        $made[] = self::inside($space, "{$flags}class $short$above" . ($of ? ' implements ' . implode(', ', $of) : '') . " { $body}");
    }
}

final class SyncodeCall {
    static function ask(array $what, array &$words): mixed { return SyncodePeer::ask($what, $words); }
    static function made(object $made, string $class, string $of, array &$words): void {
        SyncodePeer::$objects = true;
        SyncodePeer::settle($made, SyncodePeer::ask(['new', $of === $class || isset(SyncodeNames::$classes[strtolower($of)]) ? $of : $class], $words)[0]);
    }
}

final class SyncodeRun {
    static function text(string $text): void {
        extract([], EXTR_SKIP);
        eval($text);
    }
}

if ($argv[1] === 'answer') SyncodeAnswer::main($argv[2]);
require __DIR__ . '/comparing.php';
SyncodeExaminer::main($argv[2], (int) $argv[3]);
