"""The training loop. It knows nothing of who watches it: commands and the window ask it for updates and for snapshots."""

from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from core import registry
from core.batch import Batch
from core.batch_source import BatchSource
from core.errors import InputError
from core.fast_training import REASONS, Descent, FastTraining, is_covered, make_results
from core.growth import grown_parameters, growth_stream, padded_moments, padded_states
from core.kernels.training_kernel import Results
from core.length_test import LengthResult, longer_results
from core.look import Focus, NoLook
from core.moment import Extent, Moment, Record
from core.network import Network, drawn_parameters, layout_for
from core.objective import Objective, WeightDecay
from core.optimizer import add_weight_decay, clip_by_norm, clip_by_value, decay_weights
from core.prediction import Answer
from core.probe import PROBE_SIZE, Probe
from core.readers.text import text_or_file
from core.sampling import Sampling
from core.schedules import learning_rate_at, learning_rates
from core.settings import Settings, all_fields
from core.snapshot import Divergence, Evaluation, Mark, Snapshot, Trace
from core.task import Task
from core.trainer_state import TrainerState
from core.update_log import UpdateLog
from core.weight_edit import WeightEdit

HELD_OUT_SIZE = 128
EVALUATE_EVERY = 50
RECENT = 100
# Numbers that grow beyond all bounds are looked for in every update; NumPy's warnings of them would only say it twice.
_overflow_is_caught = np.errstate(over="ignore", invalid="ignore")
FIRST_STEP = Focus()
STREAMS = ("initialization", "data", "dropout", "teaching")


class Trainer:
    """Trains one network on one task.

    Parameters
    ----------
    settings : what to train
    engine : "kernels", or "numpy" for the readable and slow twin
    state : continue from here instead of from fresh weights

    Raises
    ------
    InputError
        Where the task's file can't be used, or ``state`` does not fit.
    """

    def __init__(self, settings: Settings, engine: str = "kernels", state: TrainerState | None = None) -> None:
        self.settings = settings
        self.engine = engine
        vocabulary = state.vocabulary if state else None
        self.task: Task = registry.tasks()[settings.task.name](settings.task.fields, vocabulary)
        self._batches: dict[int, Batch] = {}
        self._probe: Probe | None = None
        self.network = Network(settings.network, self.task, settings.training.dtype, engine)
        self.divergence: Divergence | None = None
        self.is_stopping: Callable[[], bool] = lambda: False
        self.step_count = 0
        self.gradient_norm = 0.0
        self.solved_at: int | None = None
        self._losses = array("d")
        self._evaluations: list[Evaluation] = []
        self._marks: list[Mark] = []
        self._reported = (0, 0, 0)
        self._clipped_count = 0
        self._moment_count = 0
        self._memory: dict[str, float] = {}
        self._stream_position = 0
        self._carried: np.ndarray | None = None
        self._start = (settings, state)
        self._journal: list[tuple[int, dict[str, Any] | WeightEdit]] = []
        self._update_log = UpdateLog()
        self._unchanged_until: int | None = None
        seeds = np.random.SeedSequence(settings.training.seed).spawn(len(STREAMS))
        self._random = {name: np.random.default_rng(seed) for name, seed in zip(STREAMS, seeds, strict=True)}
        self._set_optimizer(settings.training.optimizer)
        self._fast: FastTraining | None = None
        self._gradient = np.zeros_like(self.network.flat)
        if state is None:
            self.network.initialize(settings.network.init, self._random["initialization"], settings.network.init_scale)
        else:
            self._restore(state)
        self._source = self._make_source(state.chunk_position if state else 0)

    @property
    def losses(self) -> np.ndarray:
        """Loss of every update so far, (step_count,) and one more where the last one diverged."""
        return np.array(self._losses)

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """All evaluations so far."""
        return tuple(self._evaluations)

    @property
    def probe_batch(self) -> Batch:
        """The held-out sequences that traces look at."""
        return self._held_out(PROBE_SIZE)

    @property
    def held_out_batch(self) -> Batch:
        """The held-out sequences that evaluations are made on."""
        return self._held_out(HELD_OUT_SIZE)

    @property
    def recent_loss(self) -> float:
        """Mean training loss of the last 100 updates; NaN before the first."""
        return float(np.mean(self._losses[-RECENT:])) if self._losses else float("nan")

    @_overflow_is_caught
    def train(self, count: int) -> np.ndarray:
        """Do ``count`` updates; fewer where the run diverges.

        Returns
        -------
        losses : (count,) float64, the mean loss of each update's batch before the update
        """
        first, wanted = len(self._losses), self.step_count + count
        while self.step_count < wanted and self.divergence is None:
            if self._is_fast:
                self._update_many(wanted - self.step_count)
            else:
                self._update()
        return np.array(self._losses[first:])

    def train_to(self, step: int) -> None:
        """Train up to update ``step`` and evaluate at every multiple of EVALUATE_EVERY on the way, wherever one stops between."""
        while self.step_count < step and self.divergence is None:
            due = (self.step_count // EVALUATE_EVERY + 1) * EVALUATE_EVERY
            self.train(min(due, step) - self.step_count)
            if self.step_count == due:
                self.evaluate()

    @property
    def _is_fast(self) -> bool:
        """Whether one kernel does it all."""
        settings = self.settings
        return self.engine == "kernels" and is_covered(self.network.layout, settings.network, settings.training, self._optimizer)

    def _update_many(self, count: int) -> None:
        """At most ``count`` updates by one call of the kernel: as many as there are batches left in the present chunk."""
        training = self.settings.training
        descent = Descent(self._optimizer, self.network.flat, self._slots, self._backup, self.step_count, self._moment_count)
        chunk, first = self._source.chunk(), self._source.position
        if self._fast is None:
            self._fast = FastTraining(self.network.layout, self.network.loss_spec, training.batch_size, self.network.dtype)
        wanted = min(count, chunk.updates - first)
        results = make_results(chunk.updates)
        try:
            self._fast.run(chunk, first, wanted, descent, training, results)
        finally:
            # Ctrl+C shows up when the call ends, and what has been done is done.
            self._note(first, results)

    def _note(self, first: int, results: Results) -> None:
        """Keep what updates from batch ``first`` of the chunk on have left behind."""
        done, reason = results.end.tolist()
        last = first + done
        rates = learning_rates(self.settings.training, self.step_count + 1, done)
        self._update_log.add(results.norms[first:last], results.clipped_norms[first:last], rates)
        if done or reason:
            self._is_move_known = not reason
        tried = first + done + bool(reason)
        if tried > first:
            self._losses.extend(results.losses[first:tried].tolist())
            self.gradient_norm = float(results.norms[tried - 1])
        self._clipped_count += int(results.is_clipped[first : first + done].sum())
        self._source.position += done
        self._moment_count += done
        self.step_count += done
        if reason:
            self.divergence = Divergence(self.step_count + 1, REASONS[reason])

    def _update(self) -> None:
        training = self.settings.training
        engine, flat = self.network.engine, self.network.flat
        states_before = self._states_of_streams()
        batch = self._draw_batch()
        dropout = self._draw_dropout(batch)
        states = self._states_for(batch)
        truncate, is_taught = (0, None) if self._optimizer.is_second_order else (training.truncate, self._draw_teaching(batch))
        loss = engine.loss_and_gradient(flat, batch, self._gradient, dropout, truncate, is_taught, states)
        final_states = None if batch.continues is None else engine.final_states()
        self._losses.append(loss)
        self._is_move_known = False
        self.gradient_norm = engine.norm(self._gradient)
        if not np.isfinite(loss) or not np.isfinite(self.gradient_norm):
            self._diverge("the loss" if not np.isfinite(loss) else "the gradient", states_before)
            return
        self._backup[0], self._backup[1:] = flat, self._slots
        memory_backup = dict(self._memory)
        is_clipped, clipped_norm = False, self.gradient_norm
        if self._optimizer.is_second_order:
            self._improve(batch, dropout, states, loss)
        else:
            is_clipped, clipped_norm = self._descend()
        are_weights_finite = np.isfinite(engine.norm(flat))
        if not are_weights_finite or not np.isfinite(engine.norm(self._slots.reshape(-1))):
            flat[:], self._slots[:] = self._backup[0], self._backup[1:]
            self._memory = memory_backup
            self._diverge("the optimizer's moments" if are_weights_finite else "the weights", states_before)
            return
        if final_states is not None:
            self._carried = final_states
            self._stream_position += len(batch.inputs)
        else:
            self._source.position += 1
        self._clipped_count += is_clipped
        self._moment_count += 1
        self.step_count += 1
        rate = learning_rate_at(training, self.step_count) if self._optimizer.uses_learning_rate else np.nan
        self._update_log.add(np.array([self.gradient_norm]), np.array([clipped_norm]), np.array([rate]))
        self._is_move_known = True

    def _descend(self) -> tuple[bool, float]:
        """Clip, decay and move by the gradient; returns whether it was clipped, and its norm then."""
        training, flat = self.settings.training, self.network.flat
        engine, optimizer = self.network.engine, self._optimizer
        is_clipped = clip_by_value(self._gradient, training.clip_value)
        norm = engine.norm(self._gradient) if is_clipped else self.gradient_norm
        if clip_by_norm(self._gradient, norm, training.clip_norm):
            is_clipped, norm = True, float(training.clip_norm)
        learning_rate = learning_rate_at(training, self.step_count + 1)
        if optimizer.decouples_weight_decay:
            decay_weights(flat, learning_rate, training.weight_decay)
        else:
            add_weight_decay(self._gradient, flat, training.weight_decay)
        engine.update(optimizer, flat, self._gradient, self._slots, self._moment_count + 1, learning_rate)
        return is_clipped, norm

    def _improve(self, batch: Batch, dropout: tuple[np.ndarray, ...], states: np.ndarray | None, loss: float) -> None:
        """Let a second-order optimizer look around on this batch and move; the penalty of weight decay is part of what it sees."""
        training, flat = self.settings.training, self.network.flat
        objective: Objective = self.network.objective(batch, dropout, states)
        if training.weight_decay > 0:
            decayed = WeightDecay(objective, training.weight_decay)
            loss += decayed.penalty(flat)
            add_weight_decay(self._gradient, flat, training.weight_decay)
            objective = decayed
        self._optimizer.improve(objective, flat, loss, self._gradient, self._slots, self._memory)

    def _diverge(self, what: str, states_before: dict[str, Any]) -> None:
        """Note it, and put the random numbers back: nothing is left of the update, so that a replay need not diverge too."""
        self.divergence = Divergence(self.step_count + 1, what)
        for name, state in states_before.items():
            self._random[name].bit_generator.state = state

    @_overflow_is_caught
    def evaluate(self) -> Evaluation:
        """Loss and metric on held-out sequences, remembered; the first that meets the task's criterion sets ``solved_at``.

        Where the answers are beyond all bounds, though the weights are not, the run has diverged, and nothing is remembered.
        """
        batch = self._held_out(HELD_OUT_SIZE)
        loss, answers = self.network.loss_and_answers(batch)
        metric = self.task.measure(answers, batch)
        evaluation = Evaluation(self.step_count, loss, metric, self.task.is_solved(loss, metric))
        if not np.isfinite(loss):
            self.divergence = Divergence(self.step_count, "the held-out loss")
            return evaluation
        self._evaluations.append(evaluation)
        if evaluation.is_solved and self.solved_at is None:
            self.solved_at = self.step_count
        return evaluation

    @_overflow_is_caught
    def longer_results(self) -> tuple[LengthResult, ...]:
        """How the network does now at 1, 2 and 4 times the trained length. Raises InputError where the task's file is gone."""
        return longer_results(self.network, self.task)

    def apply(self, changes: Mapping[str, Any]) -> None:
        """Change live settings by dotted keys, from the next update on; a larger hidden size grows the network, see core.growth.

        Raises
        ------
        InputError
            For a value out of range or a setting that rebuilds the network; nothing is changed then.

        A run that diverged stands at its last finite state, and goes on from there after a change, with the batch at which it failed.
        """
        new = self.settings.with_changes(changes)
        infos = all_fields(self.settings)
        for key, value in changes.items():
            if key not in infos or not infos[key].may_change_live(_value_of(self.settings, key), value):
                raise InputError(f"{key} can't change while a run goes on: it rebuilds the network")
        if new.task != self.settings.task:
            task = registry.tasks()[new.task.name](new.task.fields, self.task.vocabulary())
            if (task.input_size, task.output_size) != (self.task.input_size, self.task.output_size):
                raise InputError(f"{', '.join(changes)} changes the network's inputs: it needs a new run")
            self._take_task(task)
            self.network.write_for(task)
        old, self.settings = self.settings, new
        self._forget_divergence()
        if new.network.hidden_size != old.network.hidden_size:
            self._grow()
        if new.training.optimizer != old.training.optimizer:
            self._set_optimizer(new.training.optimizer)
        if new.task != old.task or new.training.batch_size != old.training.batch_size:
            # Other pieces of the data: no sequence goes on where one of the last batch ended.
            self._stream_position, self._carried = 0, None
            with suppress(InputError):
                # A reopened run whose old file is gone by now has no rest of a chunk to leave.
                self._source.leave()
            self._source, self._fast = self._make_source(0), None
        self._journal.append((self.step_count, dict(changes)))
        self._mark_changes(old, changes)

    def edit_weight(self, name: str, index: Sequence[int], value: float) -> None:
        """Set entry ``index`` of the canonical parameter ``name`` to ``value``; the optimizer's moments stay as they are.

        Raises InputError where there is no such entry, or the value is not finite; nothing is changed then.
        """
        edit = WeightEdit(name, tuple(int(at) for at in index), float(value))
        edit.check(self.network.layout, self.network.dtype)
        # What the last update did stays as it was: the edit is no part of it.
        for flat in (self.network.flat, *([self._backup[0]] if self._is_move_known else [])):
            parameters = self.network.layout.unpack(flat)
            before = float(parameters[name][edit.index])
            parameters[name][edit.index] = value
            self.network.layout.pack(parameters, flat)
            if flat is self.network.flat:
                after = float(parameters[name][edit.index])
                self._marks.append(Mark(self.step_count, edit.label(self.network.layout, before, after)))
        self._forget_divergence()
        self._journal.append((self.step_count, edit))

    def last_move(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]] | None:
        """The parameters before the last update and now, canonical copies; None where it is not known what it did."""
        if not self._is_move_known:
            return None
        return self.network.layout.unpack(self._backup[0]), self.network.parameters()

    @_overflow_is_caught
    def answer(self, text: str, sampling: Sampling, seed: int = 0) -> Answer:
        """The network's answer to an input that a person typed, or that stands in the .txt of that name, or in a file the task reads.

        Raises InputError where it can't be read, and where the network's numbers have grown beyond all bounds.
        """
        asked = text_or_file(text, self.task.answer_files)
        return self.task.answer(self._finite_forward, asked, sampling, np.random.default_rng(seed))

    @_overflow_is_caught
    def snapshot(
        self, run_id: int = 0, has_trace: bool = True, has_prediction: bool = True, looks: Collection[str] = (), focus: Focus = FIRST_STEP
    ) -> Snapshot:
        """A read-only message about now: every loss, evaluation and mark since the last one, and on request the inside.

        ``looks`` names looks inside, which are taken at ``focus``.
        """
        first_loss, first_evaluation, first_mark = self._reported
        losses = np.array(self._losses[first_loss : self.step_count])
        losses.setflags(write=False)
        is_probed = has_trace or has_prediction or bool(looks)
        probe = self.probe_batch if is_probed else None
        if probe is not None and (self._probe is None or self._probe.batch is not probe):
            self._probe = Probe(self.task, probe)
        probed = self._probe.trace(self.network, self.settings.training.truncate) if probe is not None and self._probe is not None else None
        prediction = None
        if has_prediction and probe is not None and probed is not None:
            latest = self._evaluations[-1] if self._evaluations else None
            prediction = self.task.show(self._forward, probed, probe, latest)
        snapshot = Snapshot(
            run_id=run_id,
            settings=self.settings,
            step=self.step_count,
            losses=losses,
            evaluations=tuple(self._evaluations[first_evaluation:]),
            marks=tuple(self._marks[first_mark:]),
            parameter_count=self.network.layout.parameter_count,
            baseline_loss=self.task.baseline_loss,
            solved_at=self.solved_at,
            gradient_norm=self.gradient_norm,
            clipped_share=self._clipped_count / len(losses) if len(losses) else 0.0,
            learning_rate=learning_rate_at(self.settings.training, self.step_count + 1),
            is_replaced=first_loss == 0,
            unchanged_until=self.step_count if self._unchanged_until is None else self._unchanged_until,
            divergence=self.divergence,
            trace=probed,
            prediction=prediction,
            updates=self._update_log.take(len(losses)),
            looks={} if probed is None else {name: self._look(name, probed, focus.within(probed)) for name in looks},
        )
        self._reported = (self.step_count, len(self._evaluations), len(self._marks))
        self._clipped_count = 0
        self._unchanged_until = None
        return snapshot

    def _look(self, name: str, trace: Trace, focus: Focus) -> Any:
        try:
            return registry.looks()[name].take(self, trace, focus)
        except InputError as error:
            return NoLook(str(error))

    def state(self) -> TrainerState:
        """Everything needed to continue from here, as copies."""
        data_state, chunk_position = self._source.place()
        return TrainerState(
            settings=self.settings,
            parameters=self.network.parameters(),
            moments=self._moments(),
            moment_count=self._moment_count,
            optimizer_memory=dict(self._memory),
            step_count=self.step_count,
            random_states={name: generator.bit_generator.state for name, generator in self._random.items()} | {"data": data_state},
            chunk_position=chunk_position,
            stream_position=self._stream_position,
            carried=None if self._carried is None else self._carried.copy(),
            losses=self.losses[: self.step_count],
            evaluations=self.evaluations,
            marks=tuple(self._marks),
            solved_at=self.solved_at,
            vocabulary=self.task.vocabulary(),
        )

    @property
    def extent(self) -> Extent:
        """How much is recorded."""
        return Extent(len(self._losses), len(self._evaluations), len(self._marks), len(self._journal))

    def moment(self) -> Moment:
        """Where the run stands now, to be put back here by ``stand_at``."""
        data_state, chunk_position = self._source.place()
        return Moment(
            settings=self.settings,
            task=self.task,
            step=self.step_count,
            extent=self.extent,
            flat=self.network.flat.copy(),
            slots=self._slots.copy(),
            moment_count=self._moment_count,
            optimizer_memory=dict(self._memory),
            random_states={name: generator.bit_generator.state for name, generator in self._random.items()} | {"data": data_state},
            chunk_position=chunk_position,
            stream_position=self._stream_position,
            carried=None if self._carried is None else self._carried.copy(),
            gradient_norm=self.gradient_norm,
            solved_at=self.solved_at,
            divergence=self.divergence,
        )

    def stand_at(self, moment: Moment) -> None:
        """Go back to ``moment`` of this run: what was recorded later is forgotten, and the next snapshot tells the curve anew."""
        training = moment.settings.training
        if moment.task is not self.task:
            self._take_task(moment.task)
            self.network.write_for(moment.task)
        if layout_for(moment.settings.network, moment.task) != self.network.layout:
            self.network = Network(moment.settings.network, moment.task, training.dtype, self.engine)
            self._gradient, self._fast = np.zeros_like(self.network.flat), None
        if (training.batch_size, moment.settings.task) != (self.settings.training.batch_size, self.settings.task):
            self._fast = None
        self.settings = moment.settings
        self._set_optimizer(training.optimizer)
        self.network.flat[:], self._slots[:] = moment.flat, moment.slots
        self._moment_count, self._memory = moment.moment_count, dict(moment.optimizer_memory)
        for name, generator in self._random.items():
            generator.bit_generator.state = moment.random_states[name]
        self._stream_position, self._carried = moment.stream_position, moment.carried
        self._source = self._make_source(moment.chunk_position)
        self.step_count, self.gradient_norm = moment.step, moment.gradient_norm
        self.solved_at, self.divergence = moment.solved_at, moment.divergence
        self.cut(moment.extent)

    def recorded(self, first: Extent) -> Record:
        """What was recorded from ``first`` on."""
        return Record(
            first,
            np.array(self._losses[first.losses :]),
            tuple(self._evaluations[first.evaluations :]),
            tuple(self._marks[first.marks :]),
            tuple(self._journal[first.changes :]),
        )

    def cut(self, extent: Extent) -> None:
        """Forget what was recorded beyond ``extent``."""
        lists: tuple[array[float] | list[Any], ...] = (self._losses, self._evaluations, self._marks, self._journal)
        for part, size in zip(lists, extent, strict=True):
            del part[size:]
        self.report_anew()

    def recall(self, record: Record) -> None:
        """Put ``record`` behind what is recorded, which ends where it begins."""
        self._losses.frombytes(np.ascontiguousarray(record.losses, np.float64).tobytes())
        self._evaluations.extend(record.evaluations)
        self._marks.extend(record.marks)
        self._journal.extend(record.changes)

    def report_anew(self) -> None:
        """The next snapshot begins at update 1 again."""
        self._reported, self._clipped_count = (0, 0, 0), 0

    def redo(self, change: Mapping[str, Any] | WeightEdit) -> None:
        """Make a change of the journal again."""
        if isinstance(change, WeightEdit):
            self.edit_weight(change.name, change.index, change.value)
        else:
            self.apply(change)

    def note_fork(self, step: int) -> None:
        """The run has left what was told of it after update ``step``: the next snapshot says so."""
        self._unchanged_until = step if self._unchanged_until is None else min(self._unchanged_until, step)
        self._update_log.clear()

    def add_mark(self, mark: Mark) -> None:
        """Leave a mark on the curve, at its end."""
        self._marks.append(mark)

    def past_settings(self) -> list[Settings]:
        """The settings of this run so far: those it began with, and those after every live change."""
        settings = [self._start[0]]
        for _step, change in self._journal:
            if not isinstance(change, WeightEdit):
                settings.append(settings[-1].with_changes(change))
        return settings

    def replaying(self, engine: str) -> Iterator["Trainer"]:
        """The same run from its start up to the same update on another engine, with every live change at its step.

        Yields the twin again and again as it catches up; after the last time it stands where this trainer stands.
        """
        settings, state = self._start
        twin = Trainer(settings, engine, state)
        yield twin
        for step, change in [*self._journal, (self.step_count, {})]:
            while twin.step_count < step and twin.divergence is None:
                twin.train_to(min(step, twin.step_count + EVALUATE_EVERY))
                yield twin
            if change:
                twin.redo(change)
        yield twin

    def _forward(self, x: np.ndarray, lengths: np.ndarray | None = None, output_len: int | None = None) -> np.ndarray:
        """For the task's answers, which may take many calls: raises InterruptedError where the program is about to end."""
        if self.is_stopping():
            raise InterruptedError
        return self.network.outputs_at_every_step(x, lengths, output_len)

    def _finite_forward(self, x: np.ndarray, lengths: np.ndarray | None = None, output_len: int | None = None) -> np.ndarray:
        outputs = self._forward(x, lengths, output_len)
        if not np.isfinite(outputs).all():
            if np.isfinite(self.network.forward(*self._small_input())).all():
                raise InputError(
                    "the network can't work with numbers as large as these: values nearer to those it was trained on are needed"
                )
            raise InputError("the network answers with NaN: its weights have grown too large; reset it, or lower the learning rate")
        return outputs

    def _small_input(self) -> tuple[np.ndarray, np.ndarray]:
        """One step of zeros, (1, 1, D), and its length: what it is answered says whether the weights themselves are sound."""
        return np.zeros((1, 1, self.network.layout.input_size)), np.ones(1, np.int64)

    def _set_optimizer(self, name: str) -> None:
        self._optimizer = registry.optimizers()[name]
        self._slots = np.zeros((len(self._optimizer.slot_names), self.network.flat.size), self.network.dtype)
        self._backup = np.zeros((len(self._slots) + 1, self.network.flat.size), self.network.dtype)
        self._memory = dict(self._optimizer.memory_defaults)
        self._moment_count = 0
        # Whether the backup holds the parameters from which the last update moved to the present ones.
        self._is_move_known = False

    def _grow(self) -> None:
        """Make the network as large as the settings say, and everything that is as large as it; what it computes stays the same."""
        settings, old, moments = self.settings, self.network, self._moments()
        self.network = Network(settings.network, self.task, settings.training.dtype, self.engine)
        layout, size = self.network.layout, settings.network.hidden_size
        rng = growth_stream(settings.training.seed, self.step_count, size)
        drawn = drawn_parameters(layout, settings.network.init, rng, settings.network.init_scale)
        self.network.set_parameters(grown_parameters(old.layout, layout, old.parameters(), drawn))
        memory, moment_count = self._memory, self._moment_count
        self._set_optimizer(self._optimizer.name)
        self._memory, self._moment_count = memory, moment_count
        for slot, values in zip(self._slots, padded_moments(old.layout, layout, moments).values(), strict=True):
            layout.pack(values, slot)
        if self._carried is not None:
            self._carried = padded_states(self._carried, size)
        self._gradient, self._fast = np.zeros_like(self.network.flat), None

    def _moments(self) -> dict[str, dict[str, np.ndarray]]:
        """Canonical copies of the optimizer's vectors."""
        layout = self.network.layout
        return {name: layout.unpack(slot) for name, slot in zip(self._optimizer.slot_names, self._slots, strict=True)}

    def _forget_divergence(self) -> None:
        """Something was changed: the run goes on from its last finite state."""
        if self.divergence is not None:
            self.divergence = None
            del self._losses[self.step_count :]

    def _take_task(self, task: Task) -> None:
        """Train on ``task`` from now on; where its data can't be used nothing is changed."""
        batches = {count: task.held_out(count) for count in (HELD_OUT_SIZE, PROBE_SIZE)}
        self.task, self._batches = task, batches

    def _held_out(self, count: int) -> Batch:
        """Held-out sequences, drawn when first asked for: a session can answer where its file is gone."""
        if count not in self._batches:
            self._batches[count] = self.task.held_out(count)
        return self._batches[count]

    def _states_of_streams(self) -> dict[str, Any]:
        """Of the generators that an update draws from by itself: other data are drawn in chunks, and a batch of them stays the next."""
        names = ("dropout", "teaching", "data") if self.settings.training.carry_state else ("dropout", "teaching")
        return {name: self._random[name].bit_generator.state for name in names}

    def _make_source(self, position: int) -> BatchSource:
        return BatchSource(self.task, self.settings.training.batch_size, self._random["data"], position)

    def _draw_batch(self) -> Batch:
        """The next training sequences: drawn at random, or the next piece of the task's stream."""
        training = self.settings.training
        if training.carry_state:
            return self.task.stream(self._random["data"], self._stream_position, training.batch_size)
        return self._source.chunk().batch(self._source.position)

    def _states_for(self, batch: Batch) -> np.ndarray | None:
        """The states (L, S, B, H) that ``batch`` goes on from: those the last one left, zeros where a sequence begins; None: all begin."""
        if batch.continues is None or self._carried is None:
            return None
        return self._carried * batch.continues[:, None]

    def _draw_dropout(self, batch: Batch) -> tuple[np.ndarray, ...]:
        """Masks between layers, 0 or 1/(1 − rate), (T, B, H) each; none where dropout is off or there is one layer."""
        rate = self.settings.network.dropout
        if rate == 0:
            return ()
        shapes = self.network.dropout_shapes(batch)
        is_kept = [self._random["dropout"].random(shape) >= rate for shape in shapes]
        return tuple((kept / (1 - rate)).astype(self.network.dtype) for kept in is_kept)

    def _draw_teaching(self, batch: Batch) -> np.ndarray | None:
        """At which steps (T', B) a decoder reads the right previous output rather than its own; None: at all."""
        rate = self.settings.training.teacher_forcing
        if rate == 1 or not self.network.has_decoder:
            return None
        return self._random["teaching"].random(batch.targets.shape[:2]) < rate

    def _mark_changes(self, old: Settings, changes: Mapping[str, Any]) -> None:
        for key in changes:
            before, after = _value_of(old, key), _value_of(self.settings, key)
            if before != after:
                label = self.settings.field_info(key).label.lower()
                self._marks.append(Mark(self.step_count, f"{label} {_shown(before)} → {_shown(after)}"))

    def _restore(self, state: TrainerState) -> None:
        self.network.set_parameters(state.parameters)
        for slot, name in zip(self._slots, self._optimizer.slot_names, strict=True):
            if name not in state.moments:
                raise InputError(f"the optimizer's {name} is missing")
            self.network.layout.pack(state.moments[name], slot)
        unknown = sorted(set(state.optimizer_memory) - set(self._memory))
        if unknown:
            raise InputError(f"the optimizer remembers no {unknown[0]}")
        self._memory |= state.optimizer_memory
        for name, generator in self._random.items():
            # Sessions of older versions know fewer streams.
            generator.bit_generator.state = state.random_states.get(name, generator.bit_generator.state)
        self._stream_position, self._carried = state.stream_position, state.carried
        self._moment_count = state.moment_count
        self.step_count = state.step_count
        self._losses = array("d", state.losses.astype(np.float64).tobytes())
        self._evaluations = list(state.evaluations)
        self._marks = list(state.marks)
        self.solved_at = state.solved_at


def _value_of(settings: Settings, key: str) -> Any:
    """The value of a dotted key; None where there is none, as one task or cell has keys that another has not."""
    section, _, name = key.partition(".")
    return settings.to_dict()[section].get(name)


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
