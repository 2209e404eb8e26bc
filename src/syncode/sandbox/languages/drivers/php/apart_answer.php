<?php
// The half of the answer: `php apart_answer.php main.php`. Loads it, says what is in it, and does what the tests ask for.
require __DIR__ . '/apart.php';

final class SyncodeAnswer {
    static function hello(array $before, array $names): void {
        [$classes, $functions, $constants] = [[], [], []];
        foreach (array_diff([...get_declared_classes(), ...get_declared_interfaces()], $before) as $each) {
            if (!(new ReflectionClass($each))->isAnonymous()) $classes[] = $each;
        }
        foreach (get_defined_functions()['user'] as $each) {
            $of = new ReflectionFunction($each);
            $functions[] = [$of->getName(), SyncodePeer::signature($of)];
        }
        foreach (get_defined_constants(true)['user'] ?? [] as $name => $each) if (SyncodePeer::plain($each)) $constants[$name] = $each;
        [$out, $seen] = ['H', []];
        SyncodePeer::put($out, [$functions, SyncodePeer::all($classes), $constants, $names], $seen);
        SyncodePeer::send($out);
    }

    static function serve(): never {
        while (true) SyncodePeer::serve(SyncodePeer::receive());
    }
}
SyncodePeer::begin(null, static function (int $code) { exit($code === 106 ? 0 : $code); }, ($argv[2] ?? '') === 'strict');
(static function () {
    $GLOBALS['syncode'] = [...get_declared_classes(), ...get_declared_interfaces()];
    $GLOBALS['argv'] = [$GLOBALS['argv'][1]];
    $GLOBALS['argc'] = 1;
})();
require 'main.php';
(static function () {
    $before = $GLOBALS['syncode'];
    unset($GLOBALS['syncode']);
    $names = array_values(array_diff(array_keys($GLOBALS), ['_GET', '_POST', '_COOKIE', '_FILES', '_SERVER', '_ENV', '_REQUEST', 'argv', 'argc']));
    SyncodeAnswer::hello($before, $names);
    SyncodeAnswer::serve();
})();
