using System.Runtime.InteropServices;

namespace FineTuneChat.Native.Kernels;

/// <summary>A growing, aligned piece of memory that each compute thread keeps between kernels. The pool's threads live as long as the process computes.</summary>
internal sealed unsafe class ScratchMemory
{
    private const int CacheLine = 64;

    [ThreadStatic]
    private static ScratchMemory? _current;

    private float* _memory;
    private nuint _floats;

    ~ScratchMemory() => NativeMemory.AlignedFree(_memory);

    /// <summary>At least so many floats; what they hold is undefined.</summary>
    public static float* Take(long floats)
    {
        ScratchMemory scratch = _current ??= new ScratchMemory();
        if (scratch._floats < (nuint)floats)
        {
            NativeMemory.AlignedFree(scratch._memory);
            scratch._memory = (float*)NativeMemory.AlignedAlloc((nuint)floats * sizeof(float), CacheLine);
            scratch._floats = (nuint)floats;
        }

        return scratch._memory;
    }
}
