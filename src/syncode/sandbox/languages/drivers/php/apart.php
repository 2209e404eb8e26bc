<?php
// One end of the channel between tests and answer. A message is its size, its kind, and values that are written by their kind.
// Arrays are values in PHP; plain objects (DATA) are copied, and what a call has done to them comes back with its reply. What is
// no data stays where it is and crosses as a number. Names of the other half become code only if they are names and nothing else.
enum SyncodeAbsent { case Here; }  // stands for an argument that was left out
final class SyncodeStay extends Error {}

require __DIR__ . '/apart_stand_ins.php';

final class SyncodePeer {
    use SyncodeStandIns;

    const DATA = ['stdClass', 'ArrayObject', 'ArrayIterator', 'SplDoublyLinkedList', 'SplQueue', 'SplStack', 'SplFixedArray',
        'DateTime', 'DateTimeImmutable', 'DateTimeZone', 'DateInterval'];
    const INTERFACES = ['ArrayAccess', 'Countable', 'Iterator', 'IteratorAggregate', 'JsonSerializable', 'Stringable', 'Traversable',
        'Throwable', 'UnitEnum', 'BackedEnum'];
    const MAGIC = ['__construct', '__destruct', '__call', '__callstatic', '__get', '__set', '__isset', '__unset', '__clone', '__sleep',
        '__wakeup', '__serialize', '__unserialize', '__set_state', '__debuginfo'];
    const CALL = 'return static function (string $what, mixed $target, string $name, array &$args): mixed {
        if ($what === "invoke") return $target(...$args);
        if ($what === "call") return $name(...$args);
        if ($what === "method") return $target->{$name}(...$args);
        return $what === "new" ? new $target(...$args) : $target::{$name}(...$args);
    };';
    const NAME = '/\A(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*\\\\)*[A-Za-z_\x80-\xff][\w\x80-\xff]*\z/';
    const DEEPEST = 20000;

    static int $asked = 0;
    static bool $decided = false;  // whether an object of no named class has decided about a value, rather than computed one
    const DECIDES = '/^(?:is|has|contains?|includes?|equals?|eq|same|match(?:es)?|compare|starts|ends|offsetExists)(?:_|[A-Z]|$)/';  // methods (chosen here)
    static bool $kept = false;
    static ?WeakMap $remote = null;  // what was thrown in the other half
    private static $input, $output, $leave, $tests;
    private static array $own = [], $numbers = [], $proxies = [];
    private static WeakMap $homes;
    private static int $depth = 0;
    private static ?Closure $call = null;

    /** `tests`: functions and classes that the tests define; null in the half of the answer. `leave`: ends the process.
     * `strict`: whether the tests call with strict types. */
    static function begin(?array $tests, callable $leave, bool $strict = false): void {
        if (isset(self::$leave)) return;
        [self::$tests, self::$leave, self::$homes, self::$remote] = [$tests, $leave, new WeakMap, new WeakMap];
        [self::$input, self::$output] = [fopen('php://fd/6', 'rb'), fopen('php://fd/7', 'wb')];
        self::$call = eval(($strict ? 'declare(strict_types=1);' : '') . self::CALL);
        stream_set_chunk_size(self::$input, 1 << 16);
    }

    static function stay(string $why): never {
        if (self::$tests !== null) (self::$leave)(107, $why);
        throw new SyncodeStay($why);
    }

    static function foreign(string $what): never {
        (self::$leave)(1, "not a message of this protocol: $what");
        exit(1);
    }

    // Values.

    static function put(string &$out, mixed $value, array &$seen, int $depth = 0): void {
        switch (gettype($value)) {
            case 'NULL': $out .= 'n'; return;
            case 'boolean': $out .= $value ? 't' : 'f'; return;
            case 'integer': $out .= "i$value;"; return;
            case 'double': $out .= 'd' . pack('E', $value); return;
            case 'string':
                if (self::$tests && isset(self::$tests[strtolower($value)])) self::stay("the tests pass on the name of their own $value");
                $out .= 's' . strlen($value) . ':' . $value;
                return;
            case 'array':
                if ($depth > self::DEEPEST) self::stay('a value that is nested too deep');
                $list = array_is_list($value);
                $out .= ($list ? 'l' : 'a') . count($value) . ';';
                foreach ($value as $key => $each) {
                    if (!$list) $out .= is_int($key) ? "i$key;" : 's' . strlen($key) . ':' . $key;
                    self::put($out, $each, $seen, $depth + 1);
                }
                return;
            case 'object': self::putObject($out, $value, $seen, $depth + 1); return;
            default: self::stay('a resource crosses');
        }
    }

    private static function putObject(string &$out, object $value, array &$seen, int $depth): void {
        $id = spl_object_id($value);
        $class = get_class($value);
        if (isset(self::$homes[$value])) $out .= 'b' . self::$homes[$value] . ';';
        elseif (isset($seen[$id])) $out .= 'r' . $seen[$id][0] . ';';
        elseif (in_array($class, self::DATA, true)) {
            $seen[$id] = [count($seen), $value];
            if (self::$depth > 1) self::$kept = true;
            $out .= 'm';
            self::put($out, $class, $seen, $depth);
            self::put($out, self::content($value), $seen, $depth);
        } elseif ($value instanceof UnitEnum) {
            if (self::$tests !== null && !isset(self::$classes[strtolower($class)])) self::stay("the tests pass on their own $class");
            if (self::$tests === null) self::described($class);
            $out .= 'e';
            self::put($out, [self::$tests === null ? self::described($class) : null, $class, $value->name], $seen, $depth);
        } elseif ($value instanceof Closure) {
            $out .= 'c' . self::lend($value) . ';';
            self::put($out, self::signature(new ReflectionFunction($value)), $seen, $depth);
        } elseif ($value instanceof Generator) $out .= 'g' . self::lend($value) . ';';
        elseif ($value instanceof Throwable) {
            $out .= 'x' . self::lend($value) . ';';
            for ($base = $class; (new ReflectionClass($base))->isUserDefined(); $base = get_parent_class($base));
            $kind = self::$tests === null && $base !== $class ? self::described($class) : null;
            self::put($out, [$kind, $class, $base, $value->getMessage(), $value->getCode()], $seen, $depth);
            self::put($out, $value->getPrevious(), $seen, $depth);
        } elseif (self::$tests !== null) self::stay("the tests pass on an object of their own ($class)");
        elseif (!(new ReflectionClass($class))->isUserDefined()) self::stay("an object of $class crosses");
        else {
            $out .= 'h' . self::lend($value) . ';';
            self::put($out, [self::described($class), $class], $seen, $depth);
        }
    }

    private static function lend(object $value): int {
        $id = spl_object_id($value);
        if (!isset(self::$numbers[$id])) {
            self::$own[] = $value;
            self::$numbers[$id] = count(self::$own) - 1;
        }
        return self::$numbers[$id];
    }

    private static function content(object $value): array {
        return match (true) {
            $value instanceof stdClass => get_object_vars($value),
            $value instanceof SplDoublyLinkedList => $value->__serialize()[1],
            $value instanceof SplFixedArray => $value->toArray(),
            $value instanceof DateTimeZone => [$value->getName()],
            $value instanceof DateTimeInterface => [(int) $value->format('U'), (int) $value->format('u'), $value->getTimezone()->getName()],
            $value instanceof DateInterval => array_intersect_key((array) $value, array_flip(['y', 'm', 'd', 'h', 'i', 's', 'f', 'invert', 'days'])),
            default => $value->getArrayCopy(),
        };
    }

    private static function made(string $class, array $content): object {
        if ($class === 'DateTimeZone') return new DateTimeZone(...$content);
        if ($class === 'DateInterval') return DateInterval::__set_state($content);
        [$seconds, $parts, $zone] = $content;
        return $class::createFromFormat('U.u', sprintf('%d.%06d', $seconds, $parts))->setTimezone(new DateTimeZone($zone));
    }

    /** Gives a plain object this content. */
    private static function fill(object $mine, array $content): void {
        if ($mine instanceof stdClass) {
            foreach (array_diff_key(get_object_vars($mine), $content) as $name => $_) unset($mine->{$name});
            foreach ($content as $name => $each) $mine->{$name} = $each;
        } elseif ($mine instanceof SplDoublyLinkedList) {
            while (!$mine->isEmpty()) $mine->pop();
            foreach ($content as $each) $mine->push($each);
        } elseif ($mine instanceof SplFixedArray) {
            $mine->setSize(count($content));
            foreach ($content as $at => $each) $mine[$at] = $each;
        } elseif ($mine instanceof DateTime) {
            $mine->setTimezone(new DateTimeZone($content[2]))->setTimestamp($content[0])->modify("+$content[1] microseconds");
        } elseif ($mine instanceof ArrayObject) $mine->exchangeArray($content);
        elseif ($mine instanceof ArrayIterator) {
            foreach (array_keys($mine->getArrayCopy()) as $key) $mine->offsetUnset($key);
            foreach ($content as $key => $each) $mine[$key] = $each;
        }
    }

    static function take(string $in, int &$at, array &$objects, ?object $into = null): mixed {
        $kind = $in[$at++] ?? self::foreign('a value that is cut');
        switch ($kind) {
            case 'n': return null;
            case 't': return true;
            case 'f': return false;
            case 'i': return self::number($in, $at);
            case 'd':
                $at += 8;
                return unpack('E', $in, $at - 8)[1];
            case 's':
                $size = self::number($in, $at, ':');
                if ($size < 0 || $at + $size > strlen($in)) self::foreign('a text that is cut');
                $at += $size;
                return substr($in, $at - $size, $size);
            case 'l':
                $made = [];
                for ($left = self::number($in, $at); $left > 0; $left--) $made[] = self::take($in, $at, $objects);
                return $made;
            case 'a':
                $made = [];
                for ($left = self::number($in, $at); $left > 0; $left--) {
                    $key = self::take($in, $at, $objects);
                    $made[$key] = self::take($in, $at, $objects);
                }
                return $made;
            case 'b': return self::$own[self::number($in, $at)] ?? self::foreign('an object that was never lent');
            case 'r': return $objects[self::number($in, $at)] ?? self::foreign('an object that is not there');
            case 'm':
                $class = self::take($in, $at, $objects);
                if (!in_array($class, self::DATA, true)) self::foreign('an object of a class that is no data');
                if (str_starts_with($class, 'Date')) {
                    $place = count($objects);
                    $objects[] = null;
                    return $objects[$place] = self::made($class, self::take($in, $at, $objects));
                }
                $objects[] = $made = new $class;
                self::fill($made, self::take($in, $at, $objects));
                return $made;
            case 'e':
                [$kind, $class, $case] = self::take($in, $at, $objects);
                if (self::$tests === null) return constant("$class::$case");
                $class = self::stub($kind, $class);
                if (!enum_exists($class) || !preg_match(self::NAME, $case)) self::foreign('a case of no enum');
                return constant("$class::$case");
        }
        $id = self::number($in, $at);
        $known = (self::$proxies[$id] ?? null)?->get();
        switch ($kind) {
            case 'c':
                $how = self::take($in, $at, $objects);
                return $known ?? self::borrow(eval('return static ' . self::code($how, '', "'invoke', ''", $id) . ';'), $id);
            case 'g': return $known ?? self::borrow(self::generator($id), $id);
            case 'h':
                $class = self::stub(...self::take($in, $at, $objects));
                return $known ?? self::borrow($into ?? (new ReflectionClass($class))->newInstanceWithoutConstructor(), $id);
            case 'x':
                [$kind, $class, $base, $message, $code] = self::take($in, $at, $objects);
                $before = self::take($in, $at, $objects);
                if ($known) return $known;
                $root = is_a($base, 'Error', true) ? 'Error' : (is_a($base, 'Exception', true) ? 'Exception' : self::foreign('no exception'));
                if ((new ReflectionClass($base))->isUserDefined()) self::foreign('no exception of the language');
                $class = self::$tests !== null && $kind !== null ? self::stub($kind, $class) : $base;
                $made = self::borrow($into ?? (new ReflectionClass($class))->newInstanceWithoutConstructor(), $id);
                foreach (['message' => $message, 'code' => $code, 'previous' => $before] as $name => $each) {
                    (new ReflectionProperty($root, $name))->setValue($made, $each);
                }
                self::$remote[$made] = true;
                return $made;
        }
        self::foreign("a value $kind");
    }

    private static function number(string $in, int &$at, string $end = ';'): int {
        $stop = strpos($in, $end, $at);
        if ($stop === false || $stop - $at > 21) self::foreign('a number without end');
        $found = substr($in, $at, $stop - $at);
        $at = $stop + 1;
        return (int) $found;
    }

    private static function borrow(object $made, int $id): object {
        self::$homes[$made] = $id;
        self::$proxies[$id] = WeakReference::create($made);
        if (method_exists($made, 'syncodeAdopt')) $made->syncodeAdopt();
        return $made;
    }

    private static function generator(int $id): Generator {
        $state = self::ask('step', $id, 'first');
        while ($state[0] ?? self::foreign('no state')) {
            try {
                $sent = yield $state[1] => $state[2];
            } catch (Throwable $problem) {
                $state = self::pass(['step', 'throw', [], [], false], $id, [], [$problem]);
                continue;
            }
            $state = self::pass(['step', 'send', [], [], false], $id, [], [$sent]);
        }
        return $state[1];
    }

    // Calls.

    /** Passes on a call. `how`: what is to be done, to which name; the names of the parameters; which are references; whether exactly so. */
    static function pass(array $how, mixed $target, array $args, array $more): mixed {
        [$what, $name, $names, $refs] = $how;
        $sent = $back = [];
        $gap = false;
        foreach (array_keys($args) as $at) {
            if ($args[$at] === SyncodeAbsent::Here) {
                $gap = true;
                continue;
            }
            $key = $gap ? $names[$at] : $at;
            $sent[$key] = &$args[$at];
            if (in_array($at, $refs, true)) $back[] = $key;
        }
        foreach (array_keys($more) as $key) {
            if ($more[$key] === SyncodeAbsent::Here) continue;
            if (is_string($key)) $sent[$key] = &$more[$key];
            else $sent[] = &$more[$key];
            if (in_array(-1, $refs, true)) $back[] = array_key_last($sent);
        }
        $into = $what === 'new' ? $target : null;
        $said = self::ask($what, $into ? get_class($into) : $target, $name, $sent, $back, $into);
        if ($what === 'method' && $sent && self::$tests !== null && !self::named_in_tests($target)) {
            if (in_array($said, [true, false, 0, 1, -1], true) || preg_match(self::DECIDES, $name)) self::$decided = true;
        }
        return $said;
    }

    private static function named_in_tests(object $target): bool {
        foreach ([get_class($target), ...class_parents($target), ...class_implements($target)] as $each) if (SyncodeExam::names($each)) return true;
        return false;
    }

    /** Two objects of the other half are equal or not by what is in them there. */
    static function compared(object $one, object $other): void {
        if ($one !== $other && isset(self::$homes[$one], self::$homes[$other])) self::stay('objects of the answer are compared');
    }

    /** Has the other half do something and returns what comes of it; `args` that are in `back` get their new values. */
    static function ask(string $what, mixed $target, string $name = '', array $args = [], array $back = [], ?object $into = null): mixed {
        self::$asked++;
        self::$depth++;
        try {
            [$out, $seen] = ['Q', []];
            foreach ([$what, $target, $name, $back] as $each) self::put($out, $each, $seen);
            $out .= 'a' . count($args) . ';';
            foreach ($args as $key => $each) {
                $out .= is_int($key) ? "i$key;" : 's' . strlen($key) . ':' . $key;
                self::put($out, $each, $seen);
            }
            self::send($out);
            while (true) {
                $in = self::receive();
                if ($in[0] === 'Q') self::serve($in);
                elseif ($in[0] === 'S') self::stay(substr($in, 1));
                else break;
            }
            if ($in[0] !== 'V' && $in[0] !== 'E') self::foreign('a reply');
            $objects = $mine = array_column($seen, 1);
            $at = 2;
            if ($in[1] === 'k') self::$kept = true;
            try {
                foreach ($mine as $each) {
                    $now = self::take($in, $at, $objects);
                    if (is_array($now)) self::fill($each, $now);
                }
                foreach ($back as $key) $args[$key] = self::take($in, $at, $objects);
                $value = self::take($in, $at, $objects, $into);
            } catch (TypeError | ValueError $problem) {
                self::foreign($problem->getMessage());
            }
        } finally {
            self::$depth--;
        }
        if ($in[0] === 'V') return $value;
        if (!$value instanceof Throwable) self::foreign('it throws what is none');
        if (self::$tests !== null && preg_match('/(?:undefined function |[Cc]lass "|function "|constant "?|[Ii]nterface ")\\\\?([\w\\\\]+)/', $value->getMessage(), $found)
            && isset(self::$tests[self::short($found[1])])) {
            self::stay('the answer uses what the tests define');
        }
        throw $value;
    }

    private static function perform(string $what, mixed $target, string $name, array &$args): mixed {
        if (is_int($target)) $target = self::$own[$target] ?? self::foreign('an object that was never lent');
        if ($what === 'invoke' && $target instanceof Closure) return (self::$call)($what, $target, $name, $args);
        if ($what === 'step' && $target instanceof Generator) {
            if ($name === 'throw') $target->throw($args[0]);
            elseif ($name === 'send') $target->send($args[0]);
            elseif ($name === 'first') $target->valid();
            return $target->valid() ? [true, $target->key(), $target->current()] : [false, $target->getReturn()];
        }
        if (self::$tests !== null) self::foreign("a request for $what");
        switch ($what) {
            case 'call': case 'method': case 'static': case 'new': return (self::$call)($what, $target, $name, $args);
            case 'clone': return clone $target;
            case 'get': return $target->{$name};
            case 'set': $target->{$name} = $args[0]; return null;
            case 'isset': return isset($target->{$name});
            case 'unset': unset($target->{$name}); return null;
            case 'vars': return get_object_vars($target);
            case 'iterate': return (static function () use ($target) { foreach ($target as $key => $each) yield $key => $each; })();
        }
        self::foreign("a request for $what");
    }

    /** Does what is asked, and says what came of it: the plain objects among the arguments, the references, the value. */
    static function serve(string $in): void {
        [$at, $objects] = [1, []];
        [$what, $target, $name, $back] = [self::take($in, $at, $objects), self::take($in, $at, $objects), self::take($in, $at, $objects), self::take($in, $at, $objects)];
        $args = self::take($in, $at, $objects);
        self::$depth++;
        try {
            try {
                [$kind, $value] = ['V', self::perform($what, $target, $name, $args)];
            } catch (SyncodeStay $problem) {
                throw $problem;
            } catch (Throwable $problem) {
                [$kind, $value] = ['E', $problem];
            }
            [$out, $seen] = ['', []];
            foreach ($objects as $number => $each) $seen[spl_object_id($each)] = [$number, $each];
            foreach ($objects as $each) self::put($out, str_starts_with(get_class($each), 'Date') && !$each instanceof DateTime ? null : self::content($each), $seen);
            foreach ($back as $key) self::put($out, $args[$key] ?? null, $seen);
            self::put($out, $value, $seen);
            $weak = array_map(fn($each) => WeakReference::create($each[1]), $seen);
            $seen = $objects = $args = $value = $problem = $each = $target = null;
            $kept = array_filter($weak, fn($each) => $each->get() !== null);
            self::send($kind . ($kept ? 'k' : '-') . $out);
        } catch (SyncodeStay $problem) {
            self::send('S' . $problem->getMessage());
        } finally {
            self::$depth--;
        }
    }

    static function send(string $out): void {
        $all = pack('N', strlen($out)) . $out;
        for ($sent = 0; $sent < strlen($all); $sent += $some) {
            $some = @fwrite(self::$output, $sent ? substr($all, $sent) : $all);
            if (!$some) (self::$leave)(106, 'the answer has ended');
        }
    }

    static function receive(): string {
        $size = unpack('N', self::exactly(4))[1];
        return $size ? self::exactly($size) : self::foreign('nothing');
    }

    private static function exactly(int $size): string {
        $got = '';
        while (strlen($got) < $size) {
            $some = fread(self::$input, $size - strlen($got));
            if ($some === false || $some === '') (self::$leave)(106, 'the answer has ended');
            $got .= $some;
        }
        return $got;
    }
}
