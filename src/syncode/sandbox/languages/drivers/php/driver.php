<?php
// Runs the answer, then the tests; says the proof when both have come to their end. exit() inside never comes back here.
final class SyncodeDriver {
    private static $ask, $tell, $key, $tests, $least = 0;

    static function begin(?string $tests, int $least): void {
        if (isset(self::$key)) return;
        self::$ask = fopen('php://fd/4', 'w');
        self::$tell = fopen('php://fd/3', 'r');
        fwrite(self::$ask, '?');
        self::$key = substr(fgets(self::$tell), 0, 32);
        self::$tests = $tests === null ? null : file_get_contents($tests);
        self::$least = $least;
        if ($tests !== null) unlink($tests);
    }

    private static function called(): bool {  // by the last lines of this file, not by an answer
        $calls = debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS);
        return count($calls) === 2 && $calls[1]['file'] === __FILE__;
    }

    /** Returns the tests once; puts back what an answer may change for all. */
    static function tests(): string {
        if (!self::called() || self::$tests === null) return '';
        [$tests, self::$tests] = [self::$tests, null];
        foreach (['zend.assertions', 'assert.active', 'assert.exception'] as $name) @ini_set($name, '1');
        set_error_handler(null);
        set_exception_handler(null);
        foreach (get_defined_functions()['user'] as $name) {  // a function of the answer's namespace hides one of the language
            $short = substr($name, (int) strrpos("\\$name", '\\'));
            if ($short !== $name && function_exists($short)) $tests = preg_replace('/(?<![\w\\\\>:$])' . $short . '\s*\(/i', '\\\\$0', $tests);
        }
        return SyncodeTests::prepared($tests);
    }

    static function end(bool $tested): void {
        if (!self::called()) return;
        $total = max(SyncodeTests::done(), self::$least);
        if ($tested) fwrite(self::$ask, '{"tests":{"total":' . $total . ',"passed":' . $total . '}}' . "\n");
        fwrite(self::$ask, '?');
        fwrite(self::$ask, self::$key . fgets(self::$tell));
    }
}
require __DIR__ . '/comparing.php';
SyncodeDriver::begin($argv[2] ?? null, (int) ($argv[3] ?? 0));
require $argv[1];
eval(substr(SyncodeDriver::tests(), strlen('<?php')));
SyncodeDriver::end($argc > 2);
