/// The commands of Elastic Load Balancing, API version 2015-12-01.
package enum ELBv2 {}

package protocol ELBv2Command: Command {}

extension ELBv2Command {
    package static var service: Service { .elbv2 }
}
