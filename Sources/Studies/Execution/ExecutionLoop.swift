import Diagnostics
import Experiment
import JSON
import Ledger

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The state of ``StudyExecution`` while it is at work; it belongs to one thread.
final class ExecutionLoop {
    private let execution: StudyExecution
    private var waiting: [WorkerShare]
    private var workers: [Worker] = []
    private var unwritten = StudyProgress()
    private var lastWrite = ContinuousClock.now
    private let progress: ProgressLine

    private static let writingPeriod: Duration = .milliseconds(250)
    private static let writingCount = 2000
    /// How long a process may live on after its output has ended.
    private static let patience: Duration = .seconds(2)

    init(_ execution: StudyExecution) {
        self.execution = execution
        waiting = WorkerShare.shares(of: execution.runs, jobs: execution.jobs)
        progress = ProgressLine(execution)
    }

    func run() throws(Diagnostic) {
        defer {
            workers.removeAll()
            progress.finish()
        }
        do throws(Diagnostic) {
            while !waiting.isEmpty || !workers.isEmpty { try turn() }
        } catch {
            // What came before the error is kept where it can be; the error itself is what is told.
            workers.removeAll()
            do throws(Diagnostic) { try write() } catch {}
            throw error
        }
        try write()
    }

    private func turn() throws(Diagnostic) {
        guard !execution.isInterrupted() else {
            throw Diagnostic(.interrupted, "interrupted", remedy: "Go on with the same command and --resume")
        }
        try startWorkers()
        wait()
        for worker in workers { try serve(worker) }
        let isDue = lastWrite.duration(to: .now) >= Self.writingPeriod
        if isDue || unwritten.steps.count >= Self.writingCount { try write() }
        progress.show()
    }

    private func startWorkers() throws(Diagnostic) {
        while workers.count < execution.jobs, !waiting.isEmpty {
            let share = waiting.removeFirst()
            workers.append(
                try Worker(share, assignment: execution.assignment(of: share), command: execution.command))
        }
    }

    /// Waits until a worker says something, or for a tenth of a second.
    private func wait() {
        var descriptors: [pollfd] = []
        for worker in workers {
            for descriptor in [worker.output, worker.errors] where descriptor >= 0 {
                descriptors.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
            }
        }
        let isEnding = workers.contains { $0.silentSince != nil }
        poll(&descriptors, nfds_t(descriptors.count), isEnding ? 2 : 100)
    }

    private func write() throws(Diagnostic) {
        lastWrite = .now
        guard !unwritten.isEmpty else { return }
        try execution.ledger.record(unwritten, of: execution.run)
        unwritten = StudyProgress()
    }
}

extension ExecutionLoop {
    private func serve(_ worker: Worker) throws(Diagnostic) {
        worker.receiveErrors()
        for line in worker.receive() where isKnown(worker) { take(line, from: worker) }
        guard isKnown(worker), let silent = worker.silentSince else { return }
        if let status = worker.ending() {
            end(worker, WorkerDeath.message(status: status, lastLine: worker.lastLine))
        } else if silent.duration(to: .now) > Self.patience {
            worker.stop()
            end(worker, "the worker closed its output before the run ended")
        }
    }

    private func isKnown(_ worker: Worker) -> Bool { workers.contains { $0 === worker } }

    /// A run that had no end has failed; the rest of the share goes to another process.
    private func end(_ worker: Worker, _ reason: @autoclosure () -> String) {
        worker.receiveErrors()
        workers.removeAll { $0 === worker }
        guard let lost = worker.share.runs.first else { return }
        record(ArmRunEnd(armRun: lost.position, status: .failed, message: reason()))
        let rest = WorkerShare(runs: Array(worker.share.runs.dropFirst()))
        if !rest.runs.isEmpty { waiting.insert(rest, at: 0) }
    }

    private func take(_ line: [UInt8], from worker: Worker) {
        guard let message = WorkerMessage(line: line), message.run == worker.share.runs.first?.position else {
            let text = String(decoding: line.prefix(200), as: UTF8.self)
            worker.stop()
            return end(worker, "the worker said what no worker says: \(text)")
        }
        switch message {
        case .step(let run, let readings):
            unwritten.steps.append(StepRecord(readings, of: run))
            progress.advance(run, to: readings.step)
        default:
            guard let end = ArmRunEnd(message) else { return }
            record(end)
            worker.finish(message.run)
        }
    }

    private func record(_ end: ArmRunEnd) {
        unwritten.ends.append(end)
        progress.end(end.armRun, failed: end.status == .failed)
    }
}

extension ArmRunEnd {
    /// `nil` for a step.
    fileprivate init?(_ message: WorkerMessage) {
        switch message {
        case .step: return nil
        case .done(let run, let seconds, let tokens):
            self.init(armRun: run, status: .done, cost: RunCost(seconds: seconds, tokens: tokens))
        case .diverged(let run, let step, let reason, let seconds, let tokens):
            self.init(
                armRun: run, status: .diverged, stoppedStep: step, message: reason,
                cost: RunCost(seconds: seconds, tokens: tokens))
        case .failed(let run, let message, _, let seconds):
            self.init(armRun: run, status: .failed, message: message, cost: RunCost(seconds: seconds))
        }
    }
}

extension StepRecord {
    /// Readings of clocks go apart, for no digest covers them.
    fileprivate init(_ readings: StepReadings, of run: Int) {
        let times = readings.readings.filter { StepReadings.isTime($0.meter) }
        let others = readings.readings.filter { !StepReadings.isTime($0.meter) }
        self.init(
            armRun: run, step: readings.step, readings: StepReadings(step: readings.step, readings: others).json,
            times: StepReadings(step: readings.step, readings: times).json)
    }
}
