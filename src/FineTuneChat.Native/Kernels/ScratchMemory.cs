using System.Runtime.InteropServices;

namespace FineTuneChat.Native.Kernels;

/// <summary>Growing, aligned memory that each compute thread keeps between kernels. The pool's threads live as long as the process computes.</summary>
internal sealed unsafe class ScratchMemory
{
    private const int CacheLine = 64;

    [ThreadStatic]
    private static ScratchMemory? _kernels, _products;

    private float* _memory;
    private nuint _floats;

    ~ScratchMemory() => NativeMemory.AlignedFree(_memory);

    /// <summary>At least so many floats for a kernel; what they hold is undefined.</summary>
    public static float* Take(long floats) => (_kernels ??= new ScratchMemory()).Grow((nuint)floats);

    /// <summary>The same for a product, which a kernel may call while it uses its own.</summary>
    public static float* TakeForProduct(long floats) => (_products ??= new ScratchMemory()).Grow((nuint)floats);

    private float* Grow(nuint floats)
    {
        if (_floats < floats)
        {
            NativeMemory.AlignedFree(_memory);
            _memory = (float*)NativeMemory.AlignedAlloc(floats * sizeof(float), CacheLine);
            _floats = floats;
        }

        return _memory;
    }
}
