// SPDX-License-Identifier: GPL-2.0-or-later

// admission - what Kubernetes makes of a MutatingAdmissionPolicy and of pods that it is asked to admit
//
// Takes:  on stdin JSON: {"manifests": {"FILE": "YAML"}, "pods": {"NAME": {...}}}.
// Gives:  on stdout JSON: {"kinds": ["..."], "errors": ["..."], "pods": {"NAME": {...}}}: what the manifests are, what is
//         wrong with them, and for each pod {"matches": ..., "error": "...", "pod": {...}}.
// Rule:   Kubernetes' own packages decide (k8s.io/api, k8s.io/apiserver): names that they do not have are errors, expressions
//         are compiled and evaluated as the API server does it (compilePolicy() and the dispatcher of
//         admission/plugin/policy/mutating).
// Not here: what the answers should be (../test_admission.py).

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/apiserver/pkg/admission"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	strict "sigs.k8s.io/yaml"
)

type policy = admissionregistration.MutatingAdmissionPolicy

type answer struct {
	Matches bool      `json:"matches"`
	Error   string    `json:"error,omitempty"`
	Pod     *core.Pod `json:"pod,omitempty"`
}

type input struct {
	Manifests map[string]string    `json:"manifests"`
	Pods      map[string]*core.Pod `json:"pods"`
}

type output struct {
	Kinds  []string           `json:"kinds"`
	Errors []string           `json:"errors"`
	Pods   map[string]*answer `json:"pods"`
}

// What Kubernetes itself has; other kinds are CRDs'.
func empty(kind string) any {
	switch kind {
	case "ConfigMap v1":
		return &core.ConfigMap{}
	case "MutatingAdmissionPolicy admissionregistration.k8s.io/v1":
		return &policy{}
	case "MutatingAdmissionPolicyBinding admissionregistration.k8s.io/v1":
		return &admissionregistration.MutatingAdmissionPolicyBinding{}
	}
	return nil
}

func (o *output) decode(name string, text []byte) (*policy, error) {
	var head struct{ Kind, APIVersion string }

	if err := yaml.Unmarshal(text, &head); err != nil {
		return nil, err
	}
	kind := head.Kind + " " + head.APIVersion
	object := empty(kind)
	if object == nil {
		return nil, nil
	}
	o.Kinds = append(o.Kinds, kind)
	err := strict.UnmarshalStrict(text, object)
	found, _ := object.(*policy)
	return found, err
}

// All documents of a file; the policies of it.
func (o *output) read(name, text string) (policies []*policy) {
	documents := yaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader([]byte(text))))
	buffer := make([]byte, len(text)+1)

	for {
		length, err := documents.Read(buffer)
		if errors.Is(err, io.EOF) {
			return policies
		}
		found, err := o.decode(name, buffer[:length])
		if err != nil {
			o.Errors = append(o.Errors, name+": "+err.Error())
		}
		if found != nil {
			policies = append(policies, found)
		}
	}
}

type compiled struct {
	matcher  matchconditions.Matcher
	patchers []patch.Patcher
}

// compilePolicy()
func compile(p *policy) (*compiled, error) {
	options := plugincel.OptionalVariableDeclarations{StrictCost: true, HasAuthorizer: true}
	compiler, err := plugincel.NewCompositedCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion(), true))
	if err != nil {
		return nil, err
	}
	result := &compiled{}
	conditions := make([]plugincel.ExpressionAccessor, len(p.Spec.MatchConditions))
	for i := range p.Spec.MatchConditions {
		conditions[i] = (*matchconditions.MatchCondition)(&p.Spec.MatchConditions[i])
	}
	result.matcher = matchconditions.NewMatcher(compiler.CompileCondition(conditions, options, environment.StoredExpressions),
		p.Spec.FailurePolicy, "policy", "validate", p.Name)
	options.HasPatchTypes = true
	for _, m := range p.Spec.Mutations {
		if m.PatchType != admissionregistration.PatchTypeJSONPatch || m.JSONPatch == nil {
			return nil, fmt.Errorf("a mutation is no JSONPatch")
		}
		evaluator := compiler.CompileMutatingEvaluator(&patch.JSONPatchCondition{Expression: m.JSONPatch.Expression}, options, environment.StoredExpressions)
		if wrong := evaluator.CompilationErrors(); len(wrong) > 0 {
			return nil, errors.Join(wrong...)
		}
		result.patchers = append(result.patchers, patch.NewJSONPatcher(evaluator))
	}
	return result, nil
}

func scheme() *runtime.Scheme {
	s := runtime.NewScheme()
	if err := core.AddToScheme(s); err != nil {
		panic(err)
	}
	return s
}

// The dispatcher: once for each policy.
func (c *compiled) admit(pod *core.Pod) (*core.Pod, bool, error) {
	kind := schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
	resource := schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	interfaces := admission.NewObjectInterfacesFromScheme(scheme())
	attributes := &admission.VersionedAttributes{
		Attributes:    admission.NewAttributesRecord(pod, nil, kind, pod.Namespace, pod.Name, resource, "", admission.Create, nil, false, nil),
		VersionedKind: kind, VersionedObject: pod}

	matched := c.matcher.Match(context.Background(), attributes, nil, nil)
	if matched.Error != nil || !matched.Matches {
		return nil, matched.Matches, matched.Error
	}
	for _, patcher := range c.patchers {
		patched, err := patcher.Patch(context.Background(), patch.Request{MatchedResource: resource, VersionedAttributes: attributes,
			ObjectInterfaces: interfaces}, celconfig.RuntimeCELCostBudget)
		if err != nil {
			return nil, true, err
		}
		attributes.VersionedObject = patched
	}
	return attributes.VersionedObject.(*core.Pod), true, nil
}

func answerFor(policies []*compiled, pod *core.Pod) *answer {
	a := &answer{}
	for _, p := range policies {
		patched, matches, err := p.admit(pod)
		a.Matches = a.Matches || matches
		if err != nil {
			a.Error = err.Error()
			return a
		}
		if patched != nil {
			pod, a.Pod = patched, patched
		}
	}
	return a
}

func main() {
	var in input
	out := output{Kinds: []string{}, Errors: []string{}, Pods: map[string]*answer{}}
	var policies []*compiled
	var names []string

	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		fmt.Fprintln(os.Stderr, "admission:", err)
		os.Exit(1)
	}
	for name := range in.Manifests {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, p := range out.read(name, in.Manifests[name]) {
			if c, err := compile(p); err != nil {
				out.Errors = append(out.Errors, name+": "+err.Error())
			} else {
				policies = append(policies, c)
			}
		}
	}
	for name, pod := range in.Pods {
		out.Pods[name] = answerFor(policies, pod)
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		os.Exit(1)
	}
}
