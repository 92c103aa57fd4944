"""Every symbol that the cells' drawings and equations name, whatever their options."""

from tests.core.samples import variants

PLAIN = {"×", "+", "−", "1−", "tanh", "ReLU"}


def needed_symbols() -> set[str]:
    needed = {"x_t"}
    for each in variants():
        needed |= {piece.latex for formula in each.cell.formulas(each.options) for piece in formula.pieces}
        diagram = each.cell.diagram(each.options)
        needed |= {end.latex for end in diagram.ends} | {operator.text for operator in diagram.operators} - PLAIN
    return needed
