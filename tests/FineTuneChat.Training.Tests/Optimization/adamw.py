# Records what PyTorch's AdamW does: python3 adamw.py > adamw.txt (made with torch 1.13.1 and 2 cores; the formula has not changed since).
# Lines: "g" and gradients of a step, "p" and parameters after it. Numbers are float32, written so that they are read back exactly.
import torch

torch.manual_seed(7)
parameter = torch.nn.Parameter(torch.randn(8))
optimizer = torch.optim.AdamW([parameter], lr=1e-2, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.05, foreach=False)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: (step + 1) / 4 if step < 4 else 1.0)
line = lambda kind, values: print(kind, " ".join(f"{v:.9g}" for v in values.tolist()))
line("p", parameter.detach())
for step in range(12):
    gradient = torch.randn(8) * (10.0 ** (step % 4 - 2))  # norms from 0.03 to 30: half of them are clipped
    line("g", gradient)
    parameter.grad = gradient.clone()
    torch.nn.utils.clip_grad_norm_([parameter], 1.0)
    optimizer.step()
    schedule.step()
    line("p", parameter.detach())
