<?php
// What stands for functions and classes of the other half, and how they are described to it. It becomes code only as far as it is names
// and plain values.

/** What an object of the other half is here. */
trait SyncodeStandIn {
    private $syncodeSelf;  // itself: PHP ends the program rather than compare two objects that hold themselves

    public function __construct(...$args) { SyncodePeer::pass(['new', '', [], [], false], $this, [], $args); }
    public function syncodeAdopt(): void { $this->syncodeSelf = $this; }
    public function __call($name, $args) { return SyncodePeer::pass(['method', $name, [], [], false], $this, [], $args); }
    public static function __callStatic($name, $args) { return SyncodePeer::pass(['static', $name, [], [], false], static::class, [], $args); }
    public function __get($name) { return SyncodePeer::ask('get', $this, $name); }
    public function __set($name, $value) { SyncodePeer::pass(['set', $name, [], [], false], $this, [], [$value]); }
    public function __isset($name) { return SyncodePeer::ask('isset', $this, $name) === true; }
    public function __unset($name) { SyncodePeer::ask('unset', $this, $name); }
    public function __clone() { SyncodePeer::ask('clone', $this->syncodeSelf, into: $this); }
}
/** For classes that cannot be gone through or written as JSON by themselves: then their public properties are. */
trait SyncodeOpen {
    #[\ReturnTypeWillChange]
    public function getIterator() { return SyncodePeer::ask('iterate', $this); }
}
trait SyncodeShown {
    #[\ReturnTypeWillChange]
    public function jsonSerialize() { return (object) SyncodePeer::ask('vars', $this); }
}

/** What the channel knows of functions and classes. */
trait SyncodeStandIns {
    static array $classes = [];  // those of the other half that have a stand-in, by their names in small letters
    static array $told = [];  // what they are like
    private static array $described = [];
    private static int $nameless = 0;

    /** Returns the parameters: name, whether by reference, whether it may be left out, whether it takes all that follow. */
    static function signature(ReflectionFunctionAbstract $of): array {
        $told = [];
        foreach ($of->getParameters() as $each) {
            $told[] = [$each->getName(), $each->isPassedByReference(), $each->isOptional(), $each->isVariadic()];
        }
        return $told;
    }

    /** Returns what a class is like, the first time; its name afterwards. */
    private static function described(string $class): array|string {
        $of = new ReflectionClass($class);
        if (isset(self::$described[$class]) || $of->isInternal()) return $class;
        self::$described[$class] = true;
        return self::describe($of);
    }

    /** Returns what these classes are like, by their names; from then on their names are enough. */
    static function all(array $names): array {
        foreach ($names as $each) self::$described[$each] = true;
        return array_combine($names, array_map(fn($each) => self::describe(new ReflectionClass($each)), $names));
    }

    private static function describe(ReflectionClass $of): array {
        $methods = $constants = $cases = [];
        foreach ($of->getMethods() as $each) {
            $magic = in_array(strtolower($each->getName()), self::MAGIC, true) && !$each->isConstructor();
            if ($each->class !== $of->name || $magic || $each->isInternal() || (!$each->isPublic() && !$each->isConstructor())) continue;
            $level = $each->isPublic() ? 'public' : ($each->isPrivate() ? 'private' : 'protected');
            $methods[] = [$each->getName(), $level, $each->isStatic(), $each->isAbstract(), self::signature($each)];
        }
        foreach ($of->getReflectionConstants() as $each) {
            $value = $each->getValue();
            if ($value instanceof UnitEnum && $of->isEnum() && $each->isEnumCase()) $cases[$each->getName()] = $value->value ?? null;
            elseif ($each->isPublic() && $each->class === $of->name && self::plain($value)) $constants[$each->getName()] = $value;
        }
        return [
            'name' => $of->isAnonymous() ? '' : $of->getName(), 'parent' => $of->getParentClass() ? self::described($of->getParentClass()->getName()) : null,
            'kind' => $of->isInterface() ? 'interface' : ($of->isEnum() ? 'enum' : ($of->isTrait() ? 'trait' : 'class')),
            'abstract' => $of->isAbstract(), 'interfaces' => array_map(self::described(...), $of->getInterfaceNames()),
            'methods' => $methods, 'constants' => $constants, 'cases' => $cases,
        ];
    }

    static function plain(mixed $value): bool {
        if (is_array($value)) return array_reduce($value, fn($good, $each) => $good && self::plain($each), true);
        return $value === null || is_scalar($value);
    }

    private static function named(mixed $name): string {
        if (!is_string($name) || !preg_match(self::NAME, $name) || stripos($name, 'syncode') !== false) self::foreign('a name that is none');
        return $name;
    }

    /** Returns the text of a function that passes on what it gets. `how`: its parameters. */
    static function code(mixed $how, string $name, string $what, int|string $target): string {
        $words = $names = $refs = $passed = [];
        $rest = '';
        foreach (is_array($how) ? $how : self::foreign('no parameters') as $at => [$each, $by, $optional, $all]) {
            $each = self::named($each);
            $mark = $by ? '&' : '';
            $words[] = $all ? "$mark...\$$each" : "$mark\$$each" . ($optional ? ' = \SyncodeAbsent::Here' : '');
            if ($by) $refs[] = $all ? -1 : $at;
            if ($all) $rest = "\$$each";
            else [$names[], $passed[]] = ["'$each'", "&\$$each"];
        }
        [$words, $names, $refs, $passed] = array_map(fn($each) => implode(', ', $each), [$words, $names, $refs, $passed]);
        $further = $rest ?: 'array_slice(\func_get_args(), ' . count(array_filter(explode(', ', $names))) . ')';
        if (!$rest) $further = "\\$further";
        return "function $name($words) { return \\SyncodePeer::pass([$what, [$names], [$refs], true], $target, [$passed], $further); }";
    }

    /** Returns the name of the class that stands for one of the other half; makes it if it comes with a description. */
    static function stub(mixed $told, string $class): string {
        if (is_string($told)) {
            $known = self::$classes[strtolower($told)] ?? null;
            if ($known !== null || !isset(self::$told[strtolower($told)])) return $known ?? self::stay("an object of $class crosses");
            $told = self::$told[strtolower($told)];
        }
        [$name, $kind] = [$told['name'], $told['kind']];
        $full = $name === '' ? 'syncode_nameless_' . ++self::$nameless : self::named($name);
        if (isset(self::$classes[strtolower($full)])) return $full;
        if (class_exists($full) || interface_exists($full) || isset(self::$tests[self::short($full)]) || !in_array($kind, ['class', 'interface', 'enum'], true)) {
            self::stay("a $kind $full crosses");
        }
        $parent = self::resolved($told['parent']);
        $root = !isset(self::$classes[strtolower((string) $parent)]);
        if ($parent !== null && $root && !is_a($parent, 'Throwable', true)) self::stay("$full extends $parent");
        $interfaces = [];
        foreach ($told['interfaces'] as $each) {
            $each = self::resolved($each);
            if (!isset(self::$classes[strtolower($each)]) && !in_array($each, self::INTERFACES, true)) self::stay("$full implements $each");
            if (!in_array($each, ['Traversable', 'Throwable', 'UnitEnum', 'BackedEnum', 'Stringable'], true)) $interfaces[] = $each;
        }
        if ($kind === 'class' && $parent === null) {
            if (!array_intersect(['Iterator', 'IteratorAggregate'], $interfaces)) $open = 'SyncodeOpen';
            if (!in_array('JsonSerializable', $interfaces, true)) $shown = 'SyncodeShown';
        }
        $inherited = $parent !== null && !$root ? class_implements($parent) : [];
        $inherited += array_merge([], ...array_values(array_map(class_implements(...), $interfaces)));
        $interfaces = array_diff($interfaces, array_keys($inherited));
        if (isset($open)) $interfaces[] = 'IteratorAggregate';
        if (isset($shown)) $interfaces[] = 'JsonSerializable';
        $body = $kind === 'class' && $root ? 'use \SyncodeStandIn;' : '';
        foreach ([$open ?? '', $shown ?? ''] as $each) if ($each) $body .= "use \\$each;";
        foreach ($told['cases'] as $each => $value) $body .= 'case ' . self::named($each) . ($value === null ? '' : ' = ' . self::literal($value)) . ';';
        foreach ($told['constants'] as $each => $value) $body .= 'const ' . self::named($each) . ' = ' . self::literal($value) . ';';
        foreach ($told['methods'] as [$each, $level, $static, $abstract, $how]) {
            if (!in_array($level, ['public', 'private', 'protected'], true)) self::foreign('a method');
            if ($kind === 'enum' && in_array(strtolower($each), ['cases', 'from', 'tryfrom'], true)) continue;
            if ($kind === 'interface' && $each === '__construct') continue;
            $what = strtolower($each) === '__construct' ? "'new', ''" : ($static ? "'static'" : "'method'") . ", '" . self::named($each) . "'";
            $text = self::code($how, $each, $what, $static ? 'static::class' : '$this');
            $body .= "\n#[\\ReturnTypeWillChange]\n" . ($abstract && $kind === 'class' ? 'abstract ' : '') . "$level " . ($static ? 'static ' : '')
                . ($abstract ? strstr($text, ' { ', true) . ';' : $text);
        }
        $cut = strrpos($full, '\\');
        $head = ($kind === 'class' && $told['abstract'] ? 'abstract ' : '') . "$kind " . ($cut === false ? $full : substr($full, $cut + 1));
        $first = reset($told['cases']);
        if ($kind === 'enum' && $first !== false && $first !== null) $head .= is_int($first) ? ': int' : ': string';
        if ($parent !== null) $head .= ' extends \\' . self::named($parent);
        if ($interfaces) $head .= ($kind === 'interface' ? ' extends \\' : ' implements \\') . implode(', \\', $interfaces);
        eval('namespace ' . ($cut === false ? '' : substr($full, 0, $cut)) . " { $head { $body } }");
        self::$classes[strtolower($full)] = $full;
        if ($name === '') self::$classes[strtolower($class)] = $full;
        return $full;
    }

    private static function resolved(mixed $told): ?string {
        if ($told === null || (is_string($told) && !isset(self::$told[strtolower($told)]))) return $told;
        return self::stub($told, '');
    }

    /** Returns the last part of a name, in small letters. */
    static function short(string $name): string {
        return strtolower(substr($name, (int) strrpos("\\$name", '\\')));
    }

    private static function literal(mixed $value): string {
        return self::plain($value) ? var_export($value, true) : self::foreign('a constant that is no data');
    }
}
