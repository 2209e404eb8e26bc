# Runs the answer, then the tests; says the proof when both have come to their end. ExUnit's cases are run when they are loaded.
[file | rest] = System.argv()
System.argv([])
{:ok, ask} = :file.open(~c"/dev/fd/4", [:write, :raw, :binary])
{:ok, tell} = :file.open(~c"/dev/fd/3", [:read, :raw, :binary])

told = fn ->
  :ok = :file.write(ask, "?")
  {:ok, <<said::binary-size(32), _::binary>>} = :file.read(tell, 33)
  said
end

key = told.()

tests =
  case rest do
    [name, least] ->
      text = File.read!(name)
      File.rm!(name)
      {text, String.to_integer(least)}

    [] ->
      nil
  end

known = fn module -> match?({:module, _}, Code.ensure_loaded(module)) end
before = Enum.filter([ExUnit, ExUnit.Assertions, ExUnit.Case, ExUnit.Runner, Kernel, Enum, List, Map, String, System, IO, Float], known)
made = Code.require_file(file) |> Enum.map(&elem(&1, 0))
replaced = Enum.filter(made, &(&1 in before))
if replaced != [], do: raise("the answer has replaced #{inspect(replaced)}")

if tests do
  {text, least} = tests
  framework = String.contains?(text, "ExUnit.Case")
  if framework, do: ExUnit.start(autorun: false)
  Code.eval_string(text, [], file: "tests.exs")

  total =
    if framework do
      %{failures: failures, total: total, skipped: skipped, excluded: excluded} = ExUnit.run()
      if failures > 0, do: System.halt(1)
      total - skipped - excluded
    else
      least
    end

  :ok = :file.write(ask, ~s({"tests":{"total":#{total},"passed":#{total}}}\n))
end

:ok = :file.write(ask, [key, told.(), "\n"])
