with street_documents as (

    select * from {{ ref('stg_street__document') }}
    where {{ changed_periods_filter('period') }}

),

committee_documents as (

    select * from {{ ref('stg_committee__document') }}
    where {{ changed_periods_filter('period') }}

),

standing as (

    select
        submission_id,
        form
    from {{ ref('fct_submission') }}
    where
        is_standing
        and {{ changed_periods_filter('period') }}

),

-- the two forms ask for different things about a document; what a form does not ask stays empty
listed as (

    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        document_kind,
        title,
        document_no,
        issued_on,
        published_from,
        published_to,
        publication_scope,
        cast(null as string) as stage_code
    from street_documents
    union all
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        document_kind,
        title,
        cast(null as string) as document_no,
        issued_on,
        cast(null as date) as published_from,
        cast(null as date) as published_to,
        cast(null as string) as publication_scope,
        stage_code
    from committee_documents

),

final as (

    select
        listed.submission_id,
        listed.unit_code,
        listed.period,
        listed.sheet,
        listed.row,
        standing.form,
        listed.document_kind,
        listed.title,
        listed.document_no,
        listed.issued_on,
        listed.published_from,
        listed.published_to,
        listed.publication_scope,
        listed.stage_code
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
