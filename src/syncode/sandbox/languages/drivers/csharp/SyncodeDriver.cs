// Calls the entry point of the class named by the first argument; asks for the token when it has returned.
using System;
using System.Diagnostics;
using System.IO;
using System.Reflection;

class SyncodeListener : TraceListener {
    public override void Fail(string message) { throw new Exception("Assertion failed: " + message); }
    public override void Fail(string message, string detail) { Fail(message + " " + detail); }
    public override void Write(string message) { }
    public override void WriteLine(string message) { }
}

class SyncodeDriver {
    public static void Assert(bool condition, string message = "", string detail = "") {
        if (!condition) throw new Exception("Assertion failed: " + message + " " + detail);
    }

    static int Main(string[] words) {
        var ask = new FileStream("/dev/fd/4", FileMode.Open, FileAccess.Write);
        var tell = new FileStream("/dev/fd/3", FileMode.Open, FileAccess.Read);
        byte[] key = Told(ask, tell);
        if (key == null) return 1;
        foreach (Type type in Assembly.GetExecutingAssembly().GetTypes()) Doubt(type);
        Trace.Listeners.Clear();
        Trace.Listeners.Add(new SyncodeListener());
        MethodInfo entry = null;
        foreach (Type type in Assembly.GetExecutingAssembly().GetTypes()) {
            if (type.Name == "SyncodeDriver" || type.Name == "SyncodeListener") continue;
            MethodInfo found = type.GetMethod("Main", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic);
            if (found != null && (words.Length == 0 || words[0] == "" || type.Name == words[0])) entry = found;
        }
        if (entry == null) { Console.Error.WriteLine("there is no Main"); return 1; }
        object code;
        try {
            code = entry.Invoke(null, entry.GetParameters().Length == 0 ? new object[0] : new object[] { new string[0] });
        } catch (TargetInvocationException failure) {
            Console.Error.WriteLine(failure.InnerException);
            return 1;
        }
        var waiting = code as System.Threading.Tasks.Task;
        if (waiting != null) waiting.GetAwaiter().GetResult();
        if (code is int && (int)code != 0) return (int)code;
        if (words.Length > 1 && words[1] != "") {
            string total = words[1];
            byte[] report = System.Text.Encoding.ASCII.GetBytes(
                "{\"tests\":{\"total\":" + total + ",\"passed\":" + total + "}}\n");
            ask.Write(report, 0, report.Length);
            ask.Flush();
        }
        byte[] token = Told(ask, tell);
        if (token == null) return 1;
        ask.Write(key, 0, 32);
        ask.Write(token, 0, token.Length);
        ask.Flush();
        return 0;
    }

    static byte[] Told(Stream ask, Stream tell) {
        var said = new byte[33];
        ask.WriteByte((byte)'?');
        ask.Flush();
        for (int done = 0, got; done < said.Length; done += got) {
            got = tell.Read(said, done, said.Length - done);
            if (got <= 0) return null;
        }
        return said;
    }

    static object[] Others(Type kind) {
        if (kind == typeof(int)) return new object[] { -918273645, 918273646, 7281, 12345677, 98, 55551 };
        if (kind == typeof(long)) return new object[] { -918273645L, 918273646L, 7281L, 12345677L, 98L, 55551L };
        if (kind == typeof(double)) return new object[] { -0.918273, 91827.3, 7281.5, 1.5e9, 98.25, 0.125 };
        if (kind == typeof(string)) return new object[] { "syncode 1", "q", "7281", "zzzzz" };
        if (kind == typeof(bool)) return new object[0];
        if (kind == typeof(object)) return new object[] { new object(), "syncode", -918273645, 0.71828, 'q', new int[] { 7 }, true };
        return new object[0];
    }

    // Asks what a class of the answer calls equal about values that it cannot be equal to.
    static void Doubt(Type kind) {
        if (kind.IsAbstract || kind.IsInterface || kind.IsEnum || kind.ContainsGenericParameters || kind.Name.StartsWith("Syncode")) return;
        var flags = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly;
        foreach (MethodInfo method in kind.GetMethods(flags)) {
            bool unequal = method.Name == "op_Inequality";
            var taken = method.GetParameters();
            if (method.Name != "Equals" && method.Name != "op_Equality" && !unequal || method.ReturnType != typeof(bool)) continue;
            if (taken.Length != (method.IsStatic ? 2 : 1)) continue;
            int own = method.IsStatic && taken[0].ParameterType != kind ? 1 : 0;
            Type other = taken[method.IsStatic ? 1 - own : 0].ParameterType;
            if (other == kind) continue;
            object[] others = Others(other);
            bool all = others.Length > 0;
            try {
                object made = System.Runtime.Serialization.FormatterServices.GetUninitializedObject(kind);
                foreach (object each in others) {
                    object[] given = !method.IsStatic ? new[] { each } : own == 0 ? new[] { made, each } : new[] { each, made };
                    all = all && (bool)method.Invoke(method.IsStatic ? null : made, given) != unequal;
                }
            } catch (Exception) {
                continue;  // it looks into what it is asked about
            }
            if (!all) continue;
            Console.Error.WriteLine("an object of the answer (" + kind.Name + ") claims to be equal to anything");
            Environment.Exit(1);
        }
    }
}
