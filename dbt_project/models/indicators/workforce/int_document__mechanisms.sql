{{ config(materialized='view') }}

with

documents as (
    select * from {{ ref('fct_document') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

final as (
    select
        documents.submission_id,
        documents.unit_code,
        documents.period,
        documents.sheet,
        documents.row,
        documents.unit_code as subject_key,
        documents.document_kind,
        mechanism.value_zh is not null
        and coalesce(documents.issued_on <= periods.ends_on, false) as is_mechanism,
        incentive.value_zh is not null
        and coalesce(documents.issued_on <= periods.ends_on, false) as is_incentive_measure
    from documents
    inner join periods on documents.period = periods.period
    left join classes as mechanism
        on
            periods.rulebook_version = mechanism.rulebook_version
            and mechanism.class_code = 'staffing_mechanism'
            and documents.document_kind = mechanism.value_zh
    -- The value stands in the code list of either form.
    left join classes as incentive
        on
            periods.rulebook_version = incentive.rulebook_version
            and incentive.class_code = 'incentive_measure'
            and documents.document_kind = incentive.value_zh
)

select * from final
