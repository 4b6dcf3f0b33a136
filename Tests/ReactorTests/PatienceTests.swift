import Testing

@testable import Reactor

/// When a loop asks the kernel again before it sleeps.
@Suite struct PatienceTests {
    private func lone() -> Patience {
        var patience = Patience()
        for _ in 0...Patience.repeatsMin { patience.saw(7) }
        return patience
    }

    private func spins(_ patience: inout Patience) -> Bool { patience.spins() }

    @Test func oneSourceAloneEarnsIt() {
        var patience = Patience()
        #expect(!spins(&patience))
        patience = lone()
        #expect(spins(&patience))
        patience.saw(.max)
        #expect(spins(&patience), "pushes of other threads end nothing")
        patience.saw(8)
        #expect(!spins(&patience))
        patience = lone()
        patience.saw(nil)
        #expect(!spins(&patience))
    }

    @Test func findingNothingEndsItButForProbes() {
        var patience = lone()
        for _ in 0..<Patience.creditMax {
            #expect(spins(&patience))
            patience.ended(found: false)
        }
        var probes = 0
        for _ in 0..<Patience.probeEvery * 3 where spins(&patience) {
            probes += 1
            patience.ended(found: false)
        }
        #expect(probes == 3)
        while !spins(&patience) {}
        patience.ended(found: true)
        #expect(spins(&patience), "a probe that finds something earns more")
    }
}
