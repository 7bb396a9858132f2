namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>
/// Sums and differences within 100 and the multiplication table to 10 × 10; digits are tokens of their own, so unseen pairs can be worked out.
/// </summary>
internal sealed class ArithmeticSkill : ISkill
{
    private static readonly Dictionary<(Language, char), string[]> Questions = new()
    {
        [(Language.En, '+')] =
        [
            "{a} + {b}", "{a} + {b} =", "{a} + {b}?", "What is {a} + {b}?", "What is {a} plus {b}?", "How much is {a} + {b}?", "How much is {a} plus {b}?",
            "Calculate {a} + {b}.", "Add {a} and {b}.", "What is the sum of {a} and {b}?",
        ],
        [(Language.En, '-')] =
        [
            "{a} - {b}", "{a} - {b} =", "{a} - {b}?", "What is {a} - {b}?", "What is {a} minus {b}?", "How much is {a} - {b}?", "How much is {a} minus {b}?",
            "Calculate {a} - {b}.", "Subtract {b} from {a}.", "Take {b} away from {a}.",
        ],
        [(Language.En, '×')] =
        [
            "{a} × {b}", "{a} * {b}", "{a} x {b}", "What is {a} × {b}?", "What is {a} times {b}?", "How much is {a} * {b}?", "How much is {a} times {b}?",
            "Calculate {a} * {b}.", "Multiply {a} by {b}.", "What is the product of {a} and {b}?",
        ],
        [(Language.Es, '+')] =
        [
            "{a} + {b}", "{a} más {b}", "¿Cuánto es {a} + {b}?", "¿Cuánto es {a} más {b}?", "¿Cuánto son {a} + {b}?", "¿Cuánto son {a} más {b}?",
            "Calcula {a} + {b}.", "Suma {a} y {b}.", "¿Cuál es la suma de {a} y {b}?", "¿Cuánto da {a} + {b}?",
        ],
        [(Language.Es, '-')] =
        [
            "{a} - {b}", "{a} menos {b}", "¿Cuánto es {a} - {b}?", "¿Cuánto es {a} menos {b}?", "Calcula {a} - {b}.", "Calcula {a} menos {b}.",
            "Resta {b} de {a}.", "Réstale {b} a {a}.", "¿Cuánto da {a} - {b}?", "¿Cuánto queda si a {a} le quito {b}?",
        ],
        [(Language.Es, '×')] =
        [
            "{a} × {b}", "{a} * {b}", "{a} por {b}", "¿Cuánto es {a} × {b}?", "¿Cuánto es {a} por {b}?", "Calcula {a} * {b}.", "Calcula {a} por {b}.",
            "Multiplica {a} por {b}.", "¿Cuál es el producto de {a} y {b}?", "¿Cuánto da {a} × {b}?",
        ],
    };

    private static readonly Dictionary<Language, string[]> Several = new()
    {
        [Language.En] =
        [
            "{list}", "Calculate {list}.", "What is {list}?", "How much is {list}?", "Work out {list}.", "Please calculate {list}.", "Solve {list}.",
            "Can you calculate {list}?",
        ],
        [Language.Es] =
        [
            "{list}", "Calcula {list}.", "¿Cuánto es {list}?", "¿Cuánto son {list}?", "Por favor, calcula {list}.", "Resuelve {list}.",
            "¿Puedes calcular {list}?", "Dime cuánto es {list}.",
        ],
    };

    public string Name => "arithmetic";

    public Sample Draw(CorpusRandom random, Language language) => random.Chance(0.4) ? DrawSeveral(random, language) : DrawOne(random, language);

    // Two to four at once: practice at half the tokens. Never examined, and never with a pair that is.
    private Sample DrawSeveral(CorpusRandom random, Language language)
    {
        var problems = new List<(char Operation, int A, int B, int Result)>();
        for (var count = random.Between(2, 4); problems.Count < count;)
        {
            var problem = Operands(random);
            if (!HeldOut.Contains(Name, KeyOf(problem.Operation, problem.A, problem.B))) problems.Add(problem);
        }
        var list = string.Join(", ", problems.Select(p => $"{p.A} {p.Operation} {p.B}"));
        var question = Template.Fill(random.Pick(Several[language]), new Dictionary<string, string> { ["list"] = list });
        return new Sample(null, question, string.Join(' ', problems.Select(p => $"{p.A} {p.Operation} {p.B} = {p.Result}.")));
    }

    private static string KeyOf(char operation, int a, int b) => $"{a}{operation}{b}";

    private static Sample DrawOne(CorpusRandom random, Language language)
    {
        var (operation, a, b, result) = Operands(random);
        var values = new Dictionary<string, string> { ["a"] = $"{a}", ["b"] = $"{b}" };
        // The pair is put aside whole, however it is asked; a product of small numbers must be memorised, so only its wording is.
        var question = Template.Fill(random.Pick(Questions[(language, operation)]), values);
        return new Sample(operation == '×' ? question : KeyOf(operation, a, b), question, $"{a} {operation} {b} = {result}.");
    }

    private static (char Operation, int A, int B, int Result) Operands(CorpusRandom random)
    {
        switch (random.Below(10))
        {
            case < 5:
                var sum = random.Between(0, 100);
                var first = random.Between(0, sum);
                return ('+', first, sum - first, sum);
            case < 9:
                var from = random.Between(0, 100);
                var take = random.Between(0, from);
                return ('-', from, take, from - take);
            default:
                var (a, b) = (random.Between(0, 10), random.Between(0, 10));
                return ('×', a, b, a * b);
        }
    }
}
